# certificates: standard input without what stands outside of certificates, so without any key. A certificate that is cut
# off ends where the next block begins.
certificates() {
    awk '/-----BEGIN / { inside = /^-----BEGIN CERTIFICATE-----/ } inside; /^-----END / { inside = 0 }'
}
