# shellcheck shell=bash
# Sourced by the launchers of the checkout; $root is the checkout.
# shellcheck disable=SC2154

# shellcheck source=java.sh
source "$root/.mvn/java.sh"

# The JDK to build and run with: JAVA_HOME when it is set, else the newest one of at least 17.
find_jdk() {
  if [[ -n ${JAVA_HOME:-} ]]; then
    find_java
  else
    newest_java javac
  fi
}

version=0.1.0

# Where Maven puts the jar of a module.
jar_of() {
  echo "$root/$1/target/systole-$1-$version.jar"
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
  if [[ -f $jar ]] && [[ -z $(find "$root"/pom.xml "$root"/.mvn/java.sh "$root"/*/pom.xml \
    "$root"/*/src/{main,dist,assembly} -newer "$jar" -type f -print -quit 2>/dev/null) ]]; then
    return
  fi
  echo "building $1 ..." >&2
  # Maven's own libraries use what newer JDKs warn of.
  local quiet=""
  if (($(java_version "$java") >= 23)); then
    quiet=--sun-misc-unsafe-memory-access=allow
  fi
  # The wrapper downloads Maven.
  MAVEN_OPTS="${MAVEN_OPTS:-} $quiet" JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$java")")") \
    "$(command -v mvn || echo "$root/mvnw")" -B -f "$root/pom.xml" -pl "$1" -am package -DskipTests | build_progress >&2
  # Maven leaves a jar alone whose own module has not changed; it is up to date nevertheless.
  touch "$jar"
}

# Adds the flags for Netty on this JDK to an array.
jvm_flags_for_netty() {
  local -n flags=$1
  local words
  read -r -d '' -a words < <(netty_flags "$java") || true
  flags+=("${words[@]}")
}

# Replaces the shell by a program from the tree that a module packs into its archive, which is built
# first if it is missing or older than its sources.
exec_packaged() { # module, program, arguments
  build_if_stale "$1"
  JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$java")")")
  export JAVA_HOME
  local program
  program=$(echo "$root/$1/target/dist"/*-"$version/bin/$2")
  shift 2
  exec "$program" "$@"
}

java=$(find_jdk)
