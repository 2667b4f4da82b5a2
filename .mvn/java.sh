# shellcheck shell=dash
# Sourced by the launchers of the checkout and of the archives: finds Java and starts programs.
# For any POSIX shell, as container images often have no other.

# The java of at least version 17 to run with: that of JAVA_HOME if it is set, else the one on the
# PATH, else the newest in the usual folders.
find_java() {
  local java
  if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    if [ ! -x "$java" ]; then
      echo "JAVA_HOME=$JAVA_HOME has no bin/java" >&2
      return 1
    fi
    if [ "$(java_version "$java")" -lt 17 ]; then
      echo "JAVA_HOME=$JAVA_HOME is Java $(java_version "$java"); version 17 or newer is required" >&2
      return 1
    fi
    echo "$java"
    return
  fi
  java=$(command -v java || true)
  if [ -n "$java" ] && [ "$(java_version "$java")" -ge 17 ]; then
    echo "$java"
    return
  fi
  newest_java java
}

# The newest java of at least version 17 beside which there is the given program.
newest_java() {
  local best="" best_version=16 candidate version
  for candidate in /usr/lib/jvm/*/bin/java /opt/java/*/bin/java /opt/jdk*/bin/java \
    /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java \
    "${HOME:-}"/.sdkman/candidates/java/*/bin/java "$(command -v java || true)"; do
    if [ -x "$candidate" ] && [ -x "${candidate%/java}/$1" ]; then
      version=$(java_version "$candidate")
      if [ "$version" -gt "$best_version" ]; then
        best=$candidate
        best_version=$version
      fi
    fi
  done
  if [ -z "$best" ]; then
    echo "no Java of version 17 or newer was found; install one or set JAVA_HOME" >&2
    return 1
  fi
  echo "$best"
}

# The full version of a Java, e.g. 25.0.3+9; read from its release file, which costs no JVM start.
java_release() {
  local home release
  home=$(dirname "$(dirname "$(readlink -f "$1")")")
  release=$(sed -n 's/^JAVA_RUNTIME_VERSION="\(.*\)"/\1/p' "$home/release" 2>/dev/null || true)
  if [ -z "$release" ]; then
    release=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$home/release" 2>/dev/null || true)
  fi
  if [ -z "$release" ]; then
    release=$("$1" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p;q')
  fi
  echo "${release:-0}"
}

# The feature version of a Java, e.g. 17; 0 if it is unknown.
java_version() {
  local release
  release=$(java_release "$1")
  release=${release%%[!0-9]*}
  echo "${release:-0}"
}

# The flags by which newer JVMs let Netty's native and unsafe code run without warnings.
netty_flags() {
  local version
  version=$(java_version "$1")
  # JEP 472: loading the native transport is announced.
  if [ "$version" -ge 22 ]; then
    echo --enable-native-access=ALL-UNNAMED
  fi
  # JEP 498: Netty's buffers still use the old access to memory.
  if [ "$version" -ge 23 ]; then
    echo --sun-misc-unsafe-memory-access=allow
  fi
}

# Exports the lines NAME=value of a file, except for variables that are set already.
load_environment() {
  local file=$1 line name number=0
  if [ ! -f "$file" ]; then
    return
  fi
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    name=${line%%=*}
    case $line in
      '' | '#'*) continue ;;
      [A-Z_]*=*) ;;
      *) name=- ;;
    esac
    case $name in
      *[!A-Z0-9_]*)
        # The line may contain a password.
        echo "$file:$number: expected NAME=value, without spaces around NAME" >&2
        return 2
        ;;
    esac
    if ! printenv "$name" >/dev/null; then
      export "$name=${line#*=}"
    fi
  done <"$file"
}

# The java of the archive at $home: the one in it, if it has one.
java_of_archive() {
  if [ -x "$home/runtime/bin/java" ]; then
    echo "$home/runtime/bin/java"
  else
    find_java
  fi
}

# Replaces the shell by the JVM, so that signals reach it: exec_java NAME [ARGUMENT...] runs
# lib/systole-NAME-<version>.jar of the archive at $home. $cache_option, if set, is the one that makes
# a cache of classes; by default the cache for this Java is used, if bin/systole-cache has made it.
# $jvm_options, if set, replaces the options in conf/jvm.options.
exec_java() {
  local java jar cache
  java=$(java_of_archive)
  cache=$home/cache/$1-$(java_release "$java")
  # The digit keeps the jar apart from others with the same prefix.
  for jar in "$home/lib/systole-$1"-[0-9]*.jar; do
    :
  done
  shift
  if [ -n "${cache_option:-}" ]; then
    cache=$cache_option
  elif [ -f "$cache.aot" ]; then
    cache=-XX:AOTCache=$cache.aot
  elif [ -f "$cache.jsa" ]; then
    cache=-XX:SharedArchiveFile=$cache.jsa
  else
    cache=""
  fi
  # Otherwise Netty unpacks its libraries to a temporary folder, which must permit execution then.
  set -- "-Djava.library.path=$home/lib/native" -jar "$jar" "$@"
  # shellcheck disable=SC2086 # Several options.
  set -- ${SYSTOLE_JAVA_OPTS:-} "$@"
  # shellcheck disable=SC2046,SC2086 # Several options.
  set -- ${jvm_options:-"@$home/conf/jvm.options"} $(netty_flags "$java") "$@"
  exec "$java" ${cache:+"$cache"} "$@"
}
