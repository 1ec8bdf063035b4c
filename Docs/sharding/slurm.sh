#!/usr/bin/env bash
# Four parts of a run as an array of Slurm, then one report of all. From the top folder of the clone, on a file system that all nodes see:
#
#   Scripts/sgxbench --version      # builds the program, so that the parts need not
#   mkdir -p reports                # Slurm does not make it
#   job=$(sbatch --parsable Docs/sharding/slurm.sh Scripts)
#   sbatch --dependency=afterany:"$job" Docs/sharding/slurm-merge.sh
#
# Another number of parts: sbatch --array=1-16. Arguments are those of `sgxbench run`.
#SBATCH --job-name=sgxbench
#SBATCH --array=1-4
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --output=reports/part-%a.log
set -euo pipefail

# Slurm sets SLURM_ARRAY_TASK_ID, _COUNT and _MIN, which --shard auto reads.
srun "${SGXBENCH:-Scripts/sgxbench}" run "$@" --shard auto --format pretty --format "json:reports/part-$SLURM_ARRAY_TASK_ID.json"
