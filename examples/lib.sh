# What the commands of this folder have in common: finds Java, and builds what is not built yet.
root=$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
built=$root/examples/target/quickstart.built

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

archive() {
  find "$root/assembly/target" -maxdepth 1 -name 'sluice-mqtt-source-*.zip' 2>/dev/null | sort | tail -1
}

# Unpacks the command line, unless it is unpacked, and says where it is.
command_line() {
  local packed=$(find "$root/assembly/target" -maxdepth 1 -name 'sluice-tools-*.tar.gz' | sort | tail -1)
  local unpacked=$root/examples/target/tools
  if [ ! -e "$unpacked/bin/sluice" ] || [ "$packed" -nt "$unpacked/unpacked" ]; then
    rm -rf "$unpacked"
    mkdir -p "$unpacked"
    tar xzf "$packed" -C "$unpacked" --strip-components=1
    touch "$unpacked/unpacked"
  fi
  printf '%s' "$unpacked/bin/sluice"
}

sources_changed() {
  [ -n "$(find "$root/pom.xml" "$root"/{broker-plugin,connect-source,examples,examples/testkit,examples/benchmarks,assembly,assembly/tools}/pom.xml \
    "$root"/{broker-plugin,connect-source,examples,examples/testkit,examples/benchmarks,assembly,assembly/tools}/src -newer "$built" -type f ! -path '*/src/test/*' -print -quit)" ]
}

# Ticks once a second until it is ended; prints over itself on a terminal, and only its first line elsewhere.
show_progress() {
  local seconds=0
  printf '%s' "$1"
  if [ -t 1 ]; then
    while sleep 1; do
      seconds=$((seconds + 1))
      printf '\r%s %ss' "$1" "$seconds"
    done
  fi
}

build() {
  local log=$root/examples/target/quickstart-build.log
  mkdir -p "$root/examples/target"
  show_progress 'Building (the first build downloads what it needs; minutes, once) ...' &
  local progress=$!
  trap 'kill "$progress" 2>/dev/null || true' EXIT
  local failed=0
  # Without what checks the code and lists its libraries, it takes half as long.
  "$root/mvnw" -q -B -ntp -f "$root/pom.xml" -Dmaven.test.skip=true -Dspotless.check.skip=true -Dmain.checks=-XepDisableAllChecks \
    -Dcyclonedx.skip=true package >"$log" 2>&1 </dev/null || failed=$?
  kill "$progress" 2>/dev/null || true
  wait "$progress" 2>/dev/null || true
  trap - EXIT
  echo
  if [ "$failed" -ne 0 ]; then
    tail -40 "$log" >&2
    fail "the build failed; all it said is in $log"
  fi
  touch "$built"
}

version=$("$java" -version 2>&1) || fail "no Java at $java; install a JDK 17 or newer, or set JAVA_HOME to one"
if [[ $version =~ version\ \"([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -lt 17 ]; then
  fail "$java is too old; install a JDK 17 or newer, or set JAVA_HOME to one"
fi

if [ -z "$(archive)" ] || [ ! -e "$built" ] || sources_changed; then
  build
fi

