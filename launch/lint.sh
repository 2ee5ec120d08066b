#!/usr/bin/env bash
# How the code is written: clang-format over every file of C++, clang-tidy over the rooms that see no LibTorch (its
# headers take clang-tidy ten times as long as ours), with --all over all rooms: half an hour on two cores.
# launch/lint.sh [--fix] [--all]; --fix formats in place.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=launch/setup.sh
source launch/setup.sh
packages=(clang-format clang-tidy-16)   # 16: the headers of g++ 12 ask for more of C++20 than clang 14 has
setup_packages
mapfile -t files < <(find src include tests examples benchmarks -name '*.cpp' -o -name '*.hpp')
mapfile -t tidy < <(find src/{core,h5,plan,report,store} -name '*.cpp')
[[ " $* " != *" --all "* ]] || mapfile -t tidy < <(find src -name '*.cpp' -not -path '*/cuda/*')
if [[ " $* " == *" --fix "* ]]; then
  clang-format -i "${files[@]}"
else
  clang-format --dry-run --Werror "${files[@]}"
fi
build=build/release
[ -f $build/compile_commands.json ] || cmake --preset release -DLIBTORCH="$LIBTORCH" >/dev/null
printf '%s\n' "${tidy[@]}" | xargs -P "$(setup_cores)" -n 4 clang-tidy-16 -p $build --quiet --warnings-as-errors='*'
echo "lint: ${#files[@]} files formatted, ${#tidy[@]} files tidy" >&2
