#!/bin/bash
# fuzz/run.sh SECONDS [TARGET...]   each target for so long; ends at the first input that breaks one
# fuzz/run.sh keep [TARGET...]      takes what was found into the kept corpus: the most in few bytes
#
# What is found goes to fuzz/target/found/TARGET, what breaks a target to fuzz/artifacts/TARGET.
set -euo pipefail
cd "$(dirname "$0")"

targets=(bundle certificates hosts inventory logs mesh mesh_hosts patroni patroni_hosts ports report saved words)
found=target/found
# Files and bytes that are kept of one target, and bytes of one file.
most_files=50 most_bytes=36000 longest=8192

dictionary() {
    case $1 in
    bundle | saved) echo dict/json.dict ;;
    inventory | logs) echo "dict/$1.dict" ;;
    mesh | patroni) echo dict/inventory.dict ;;
    *) echo dict/text.dict ;;
    esac
}

# Texts of real hosts, and others that the tests rest on.
fixtures() {
    case $1 in
    certificates) echo ../tests/fixtures/certificates ;;
    hosts | report) echo ../tests/fixtures/reports ;;
    logs) echo ../tests/fixtures/logs ;;
    mesh) echo ../tests/fixtures/mesh/{valid,invalid} ;;
    mesh_hosts) echo ../tests/fixtures/mesh-hosts ;;
    patroni) echo ../tests/fixtures/patroni/{valid,invalid} ;;
    patroni_hosts) echo ../tests/fixtures/patroni-hosts ;;
    inventory) echo ../inventories ../tests/fixtures/inventories/{valid,invalid,many} ;;
    esac
}

fuzz() {
    local target=$1
    shift
    # shellcheck disable=SC2046 # several folders
    cargo fuzz run --fuzz-dir . --sanitizer none "$target" "$found/$target" "corpus/$target" $(fixtures "$target") -- \
        -dict="$(dictionary "$target")" -timeout=10 -rss_limit_mb=2048 -max_len=65536 "$@"
}

keep() {
    local target=$1 control="target/few/$1.control" few="target/few/$1"
    rm -rf "$few" "$control"
    mkdir -p "$few/all" "$few/kept" "$found/$target" "corpus/$target"
    # Without counting how often an edge is passed, which would keep ten times as many.
    # shellcheck disable=SC2046 # several folders
    cargo fuzz run --fuzz-dir . --sanitizer none "$target" "$few/all" "corpus/$target" "$found/$target" $(fixtures "$target") -- \
        -set_cover_merge=1 -use_counters=0 -max_len=65536 -merge_control_file="$control"
    perl few.pl "$most_files" "$most_bytes" "$longest" "$control" | while IFS= read -r file; do
        cp -- "$file" "$few/kept/$(sha1sum < "$file" | cut -c 1-16)"
    done
    rm -rf "corpus/$target"
    mv "$few/kept" "corpus/$target"
}

what=$1
shift
[ $# -gt 0 ] || set -- "${targets[@]}"
for target in "$@"; do
    if [ "$what" = keep ]; then
        keep "$target"
        continue
    fi
    mkdir -p "$found/$target"
    fuzz "$target" -max_total_time="$what"
done
