#!/bin/sh
# Check every shipped process bundle as a designer would.
set -eu
cd "$(dirname "$0")/.."
failed=0
for description in processes/bpmn/*/process.yaml; do
    bundle=$(basename "$(dirname "$description")")
    .venv/bin/matterflow process check "$bundle" || failed=1
done
exit $failed
