#!/usr/bin/env bash
# Installs what is missing: the npm packages (with the pinned Node in them), Java and Maven. Does nothing,
# quickly, when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

die() {
  echo "setup: $*" >&2
  exit 1
}

command -v node >/dev/null || die "Node is missing: install Node 20 or newer (https://nodejs.org)"
command -v npm >/dev/null || die "npm is missing: install it beside Node"
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] || die "Node $(node --version) is too old: install Node 20 or newer"

# The stamp is written after a complete install, so that one cut short is done again.
stamp=node_modules/.tidewatch-installed
wanted=$(cat package-lock.json package.json | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
  echo "setup: installing npm packages"
  npm ci --loglevel=error
  echo "$wanted" >"$stamp"
fi

java_version() {
  command -v java >/dev/null || { echo 0; return; }
  java -version 2>&1 | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -n 1
}

packages=()
[ "$(java_version)" -ge 17 ] 2>/dev/null || packages+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || packages+=(maven)
if [ ${#packages[@]} -gt 0 ]; then
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] ||
    die "Java 17 or newer and Maven are needed for the embedded Kafka: install them (on Debian: apt-get install ${packages[*]})"
  echo "setup: installing ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || die "apt-get update failed: install ${packages[*]} yourself"
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || die "apt-get install failed: install ${packages[*]} yourself"
fi
