#!/usr/bin/env bash
# Makes reports/demonstration: a run that goes the whole way, with raters, pilot and signature made by a script. Everything
# they would say is marked as synthetic, on the pages, in the report and on its first screen.
#
#   Scripts/sample-ready.sh path/to/hone
set -euo pipefail
cd "$(dirname "$0")/.."
hone=$(realpath "$1")
place=reports/demonstration
# A place whose name may stand in the report.
work=.build/sample
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/demonstration"
python3 Scripts/synthetic_people.py rows examples/task-api/data.jsonl "$work/demonstration/data.jsonl"
sed 's/^task.summary: */task.summary: Demonstration on synthetic evidence. /' examples/task-api/answers.yaml \
    > "$work/demonstration/answers.yaml"
rm -rf "$place"
"$hone" run "$work/demonstration" --output "$work/runs" --report "$place" || [ $? -eq 3 ] || [ $? -eq 5 ]
run=$(ls -d "$work"/runs/*-demonstration | tail -n 1)
"$hone" review make "$run" --synthetic > "$work/pages"
python3 Scripts/synthetic_people.py ratings "$run" "$work" > /dev/null
"$hone" review add "$run" "$work"/ratings-*.json --report "$place"
python3 Scripts/synthetic_people.py pilot "$work/demonstration/data.jsonl" "$run" "$work/pilot.jsonl"
"$hone" pilot add "$run" "$work/pilot.jsonl" --synthetic --report "$place"
# The gates decide; a demonstration that is not ready is no demonstration of READY.
"$hone" gates "$run" --report "$place"
"$hone" sign "$run" --as "Synthetic Signer" --role "nobody's head of support" --decision approve \
    --because "Synthetic: shows where a signature stands" --synthetic --report "$place"
"$hone" report "$run" --verify --report "$place"
