# Sourced by the launchers; $root is the checkout.

# The JDK to use: JAVA_HOME when it is set, else the newest one of at least 17 that is found.
find_java() {
  if [[ -n ${JAVA_HOME:-} ]]; then
    echo "$JAVA_HOME/bin/java"
    return
  fi
  local best="" best_version=16 candidate version
  for candidate in /usr/lib/jvm/*/bin/java /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java \
    "$HOME"/.sdkman/candidates/java/*/bin/java "$(command -v java || true)"; do
    [[ -x $candidate && -x ${candidate%/java}/javac ]] || continue
    version=$(java_version "$candidate")
    if ((version > best_version)); then
      best=$candidate
      best_version=$version
    fi
  done
  if [[ -z $best ]]; then
    echo "no JDK of version 17 or newer was found; install one or set JAVA_HOME" >&2
    return 1
  fi
  echo "$best"
}

# The feature version of a JDK, e.g. 17; read from its release file, which costs no JVM start.
java_version() {
  local home release
  home=$(dirname "$(dirname "$(readlink -f "$1")")")
  release=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || true)
  echo "${release:-0}"
}

# Where Maven puts the jar of a module.
jar_of() {
  echo "$root/$1/target/systole-$1-0.1.0.jar"
}

# Reduces Maven's output to the modules, the steps that take long, and errors. A first build downloads
# a few hundred files, which are counted.
build_progress() {
  awk '
    /^Downloaded|^\[INFO\] Downloaded/ { if (++files % 50 == 0) print "  " files " files downloaded" }
    /^\[INFO\] Building Systole/ { sub(/^\[INFO\] Building /, "  "); print }
    /^\[INFO\] --- (maven-)?compiler/ { print "    compiling" }
    /^\[ERROR\]|^\[WARNING\].*\.java/ { print }
    { fflush() }'
}

# Builds a module and what it needs, unless its jar is newer than every source.
build_if_stale() {
  local jar
  jar=$(jar_of "$1")
  if [[ -f $jar ]] && [[ -z $(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main -newer "$jar" -type f -print -quit) ]]; then
    return
  fi
  echo "building $1 ..." >&2
  # Maven's own libraries use what newer JDKs warn of.
  local quiet=""
  if (($(java_version "$java") >= 23)); then
    quiet=--sun-misc-unsafe-memory-access=allow
  fi
  MAVEN_OPTS="${MAVEN_OPTS:-} $quiet" JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$java")")") \
    mvn -B -f "$root/pom.xml" -pl "$1" -am package -DskipTests | build_progress >&2
  # Maven leaves a jar alone whose own module has not changed; it is up to date nevertheless.
  touch "$jar"
}

# Adds the flags by which newer JDKs let Netty's native and unsafe code run without warnings.
jvm_flags_for_netty() {
  local -n flags=$1
  local version
  version=$(java_version "$java")
  # JEP 472: loading the native transport is announced.
  if ((version >= 22)); then
    flags+=(--enable-native-access=ALL-UNNAMED)
  fi
  # JEP 498: Netty's buffers still use the old access to memory.
  if ((version >= 23)); then
    flags+=(--sun-misc-unsafe-memory-access=allow)
  fi
}

java=$(find_java)
