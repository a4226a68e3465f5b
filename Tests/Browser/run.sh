#!/usr/bin/env bash
# Makes review pages of a small measured run and rates one of each kind by keyboard in headless Chromium.
#
#   Tests/Browser/run.sh path/to/hone [PYTHON]
set -euo pipefail
hone=$(realpath "$1")
python=${2:-python3}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" "$here/small_run.py" "$work/run"
"$hone" review make "$work/run" --raters 1 > /dev/null
(cd "$here" && "$python" review_page.py "$work/run/review/rater-1.html" "$work/ratings.json")
"$hone" review add "$work/run" "$work/ratings.json" > /dev/null
"$hone" review make "$work/run" --raters 1 --alone --rubric conduct --rows 8 --replace > /dev/null
(cd "$here" && "$python" review_page.py "$work/run/review/rater-1.html" "$work/ratings.json")
"$hone" review add "$work/run" "$work/ratings.json" > /dev/null
(cd "$here" && "$python" report_page.py "$work/run/report/report.html")
