#!/bin/bash
# Submits job.sbatch and stays until the job is over, so that whoever follows the run can treat the job like a process:
# the end of standard input asks it to save and stop, and its exit code is this one's.
cd "$(dirname "$0")" || exit 1
rm -f failed
job=$(sbatch --parsable job.sbatch 2>> ../engine.log) || { echo "sbatch refused the job" >> ../engine.log; exit 1; }
job=${job%%;*}
echo "$job" > job
state() { squeue --noheader --jobs "$job" --format %T 2> /dev/null; }
exec 3<&0
( while read -r -u 3 _; do :; done; scancel --signal=TERM "$job" 2> /dev/null ) &
watcher=$!
trap 'kill $watcher 2> /dev/null' EXIT
while [ -n "$(state)" ]; do
    # A job that has not begun has nothing to save.
    if ! kill -0 $watcher 2> /dev/null && [ "$(state)" = PENDING ]; then scancel "$job"; fi
    sleep 1
done
code=$(scontrol show job "$job" 2> /dev/null | sed -n 's/.*ExitCode=\([0-9]*\):.*/\1/p' | head -n 1)
exit "${code:-0}"
