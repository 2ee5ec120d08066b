#!/usr/bin/env bash
# docs/config.md is the page that the program prints.
#   reference.sh PROGRAM
page=$(cd "$(dirname "$0")/../../docs" && pwd)/config.md
diff "$page" <("$1" help config --markdown) ||
  { echo "docs/config.md is out of date: trunkline help config --markdown > docs/config.md"; exit 1; }
