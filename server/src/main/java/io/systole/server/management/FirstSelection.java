// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A selection of the first elements of an order, which holds no more than these. Not thread-safe.
 */
final class FirstSelection<T> {
  private final Comparator<? super T> order;
  private final int limit;

  /** The last selected element is the head. */
  private final PriorityQueue<T> selected;

  private long added;

  /** @param limit the maximum number of selected elements, 0 or greater */
  FirstSelection(int limit, Comparator<? super T> order) {
    this.limit = limit;
    this.order = order;
    this.selected = new PriorityQueue<>(order.reversed());
  }

  /** Adds an element, unless it comes after the selected ones and the limit is reached. */
  void add(T element) {
    added++;
    if (selected.size() < limit) {
      selected.add(element);
      return;
    }
    T last = selected.peek();
    if (last != null && order.compare(element, last) < 0) {
      selected.remove();
      selected.add(element);
    }
  }

  /** Returns the number of all elements, selected or not. */
  long added() {
    return added;
  }

  /** Returns the selected elements in order. */
  List<T> inOrder() {
    List<T> sorted = new ArrayList<>(selected);
    sorted.sort(order);
    return sorted;
  }
}
