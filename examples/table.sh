#!/usr/bin/env bash
# Makes a table of houses in CSV, and data/houses.h5 of it for table.yaml; and new houses, some in a town that the first table
# does not have, data/new_houses.h5. Then:
#   trunkline train examples/table.yaml
#   trunkline predict runs/table --task price --input data/new_houses.h5 --output prices.h5
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
mkdir -p "$root/data"

houses() {  # SEED ROWS TOWNS: price by area, rooms, town and heating; kind by area and rooms
  awk -v seed="$1" -v rows="$2" -v towns="$3" 'BEGIN {
    srand(seed); count = split(towns, town, ","); split("gas,oil,wood", heating, ",")
    print "area,rooms,town,heating,price,kind"
    for (i = 0; i < rows; ++i) {
      area = 40 + 160 * rand(); rooms = 1 + int(area / 40 + 2 * rand()); t = 1 + int(count * rand()); h = 1 + int(3 * rand())
      price = area * (1 + .4 * (t % 3)) * (h == 3 ? .8 : 1) + 10 * rooms + 10 * (rand() - .5)
      printf "%.1f,%d,%s,%s,%.1f,%s\n", area, rooms, town[t], heating[h], price, (area < 90 ? "flat" : rooms < 5 ? "house" : "villa")
    }
  }'
}
houses 1 4000 Aalen,Bern,Cork,Delft,Essen > "$root/data/houses.csv"
houses 2 200 Aalen,Bern,Cork,Delft,Fulda > "$root/data/new_houses.csv"
targets=(--target price --target kind:classification)
"$program" data convert csv "$root/data/houses.csv" "$root/data/houses.h5" "${targets[@]}" --text codes \
  --split train=0.9,valid=0.1 --force
"$program" data convert csv "$root/data/new_houses.csv" "$root/data/new_houses.h5" "${targets[@]}" \
  --like "$root/data/houses.h5" --force
