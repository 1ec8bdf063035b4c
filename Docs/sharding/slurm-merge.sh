#!/usr/bin/env bash
# One report of the parts that slurm.sh has run. Its status is that of the whole run; 5 where a part has left no report.
#SBATCH --job-name=sgxbench-merge
#SBATCH --ntasks=1
#SBATCH --output=reports/report.log
set -euo pipefail

"${SGXBENCH:-Scripts/sgxbench}" merge reports/part-*.json --format pretty --format json:reports/report.json --format html:reports/report.html
