import { nodeAddress, podRange } from './sandbox.ts'

export const nodeName = 'tidewatch'
export const clusterDomain = 'cluster.local'
export const dnsAddress = '10.196.0.10'
export const pauseImage = 'localhost/pause:1'
export const containerdSocket = '/run/containerd/containerd.sock'

/** `/etc/containerd/config.toml`. */
export function buildContainerdConfig({ root, cniConfig }: { root: string; cniConfig: string }): string {
  return `version = 2
root = "${root}"
state = "/run/containerd"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE nobody may lower an OOM score, and runc dies of trying.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${cniConfig}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`
}

/** A bridge with addresses from one range: no other node is to be reached. */
export function buildCniConfig(dataDir: string): object {
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      { type: 'bridge', bridge: 'pods0', isGateway: true, ipMasq: true, hairpinMode: true, ipam: { type: 'host-local', dataDir, ranges: [[{ subnet: podRange }]], routes: [{ dst: '0.0.0.0/0' }] } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

export function buildKubeletConfig({ clientCaFile, cgroupRoot, resolvConf, certDirectory }: { clientCaFile: string; cgroupRoot: string; resolvConf: string; certDirectory: string }): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: nodeAddress,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: clientCaFile } },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [dnsAddress],
    clusterDomain,
    resolvConf,
    tlsCertFile: `${certDirectory}/kubelet.crt`,
    tlsPrivateKeyFile: `${certDirectory}/kubelet.key`,
    // The disk is the developer's, and full of other things.
    evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    maxPods: 500,
    serializeImagePulls: false,
    registryPullQPS: 0,
    nodeStatusUpdateFrequency: '10s',
    syncFrequency: '10s',
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    shutdownGracePeriod: '0s',
  }
}

export function buildProxyConfig(kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig },
    clusterCIDR: podRange,
    hostnameOverride: nodeName,
    // These limits are the whole machine's.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { minSyncPeriod: '1s', syncPeriod: '30s' },
  }
}

export function buildCorefile(kubeconfig: string): string {
  return `.:53 {
  errors
  health 127.0.0.1:18080
  kubernetes ${clusterDomain} in-addr.arpa {
    kubeconfig ${kubeconfig}
    ttl 2
  }
  cache 2
}
`
}

/** The name service has no pod: it runs beside the kubelet, and these two say where. */
export const dnsObjects = [
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }, spec: { clusterIP: dnsAddress, ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }] } },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [nodeAddress], conditions: { ready: true } }],
    ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }],
  },
]
