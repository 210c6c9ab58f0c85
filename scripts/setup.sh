#!/usr/bin/env bash
# Installs what is missing: the npm packages (with the pinned Node in them), Java and Maven, and what a Kubernetes on
# this machine is made of. Does nothing, quickly, when all is there.
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
  # ONNX Runtime would fetch what runs on graphics cards; the library for processors is in its package.
  npm_config_onnxruntime_node_install=skip npm ci --loglevel=error
  echo "$wanted" >"$stamp"
fi

java_version() {
  command -v java >/dev/null || { echo 0; return; }
  java -version 2>&1 | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -n 1
}

can_install() {
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]
}

# Debian starts a service as soon as it is installed, unless this file says no. The cluster runs a containerd of its own.
policy=/usr/sbin/policy-rc.d
install() {
  local status=0 ours=false
  echo "setup: installing $*"
  export DEBIAN_FRONTEND=noninteractive
  if [ ! -e "$policy" ]; then
    ours=true
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null; } || status=1
  if [ "$ours" = true ]; then rm -f "$policy"; fi
  return "$status"
}

packages=()
[ "$(java_version)" -ge 17 ] 2>/dev/null || packages+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || packages+=(maven)
if [ ${#packages[@]} -gt 0 ]; then
  can_install || die "Java 17 or newer and Maven are needed for the embedded Kafka: install them (on Debian: apt-get install ${packages[*]})"
  install "${packages[@]}" || die "apt-get failed: install ${packages[*]} yourself"
fi

# Without these there is still the cluster of a kubeconfig, and kind: a reason to say so, not to stop.
if [ "$(uname)" = Linux ]; then
  PATH=$PATH:/usr/sbin:/sbin
  packages=()
  for program in containerd runc conntrack iptables debootstrap; do
    command -v "$program" >/dev/null || packages+=("$program")
  done
  command -v ip >/dev/null || packages+=(iproute2)
  command -v nsenter >/dev/null || packages+=(util-linux)
  [ -x /usr/lib/cni/bridge ] || packages+=(containernetworking-plugins)
  if [ ${#packages[@]} -gt 0 ]; then
    if ! can_install || ! install "${packages[@]}"; then
      echo "setup: without ${packages[*]} no cluster can be made on this machine: install them (on Debian: apt-get install ${packages[*]}), or use a kubeconfig or kind" >&2
    fi
  fi
fi

command -v go >/dev/null || [ -x /usr/local/go/bin/go ] ||
  echo "setup: Go is missing, which builds the Kubernetes and the Helm of the tests: install Go 1.24 or newer (https://go.dev/dl)" >&2
