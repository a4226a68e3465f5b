#!/bin/sh
# Damages small data files at random and reads and audits them for some minutes (ten when nothing is said); a crash or a lost
# row ends it with the seed that shows it. Build the tests first: `make test`.
minutes=${1:-10}
end=$(($(date +%s) + minutes * 60))
seed=$(date +%s)
rounds=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
while [ "$(date +%s)" -lt "$end" ]; do
    seed=$((seed + 1))
    if ! HONE_FUZZ_SEED=$seed HONE_FUZZ_ROUNDS=20000 nice -n 19 \
        swift test -c release --skip-build --filter ReaderFuzzTests >"$log" 2>&1; then
        cat "$log"
        echo "failed with HONE_FUZZ_SEED=$seed HONE_FUZZ_ROUNDS=20000" >&2
        exit 1
    fi
    rounds=$((rounds + 20000))
done
echo "$rounds damaged files in $minutes minutes: no crash, no row lost"
