# The measurements of ./dev bench, which sources this. Rivals take turns, so that both meet the same
# neighbors on the machine.

benchmarks() {
  cat <<'END'
./dev bench MEASUREMENT

  jmh           Java's work on images, one operation at a time; arguments go to JMH, such as
                'view|blur' -p size=224 -p images=PHOTOS.tar -prof gc
  augmentation  two views of each image on one thread, beside PIL and torchvision; arguments:
                TAR SIZE, by default generated images at 32 pixels
  embedding     embed, and embed in int8 where the processor is made for that, beside a PyTorch
                program in float32 and in bfloat16; arguments: TAR SIZE ENCODER, by default
                generated images at 32 pixels and resnet18
  training      images/s of training beside plain PyTorch
  gpu           writes the programs of training and embedding to bench/gpu, with a check that runs
                them where there is a GPU and no Java; arguments: ENCODER WIDTH SIZE, by default
                resnet18 1 32

Python is that of $PYTHON, by default python3; it needs torch and torchvision. The two that print a
ratio take $ROUNDS rounds, by default 3, and compare medians.
END
}

python=${PYTHON:-python3}

has_torch() {
  "$python" -c 'import torch, torchvision' 2>/dev/null
}

need_torch() {
  if ! has_torch; then
    echo "'$python' has no torch and torchvision; set PYTHON to one that has" >&2
    exit 1
  fi
}

java_benchmark() {
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -XX:+UseSerialGC -cp 'benchmarks/target/lib/*' "$@"
}

bench_jmh() {
  build benchmarks/target/lib -Pbenchmarks -pl benchmarks -am
  java_benchmark org.openjdk.jmh.Main "$@"
}

# Makes a tar of generated images unless it is there: TAR SIZE.
sample_tar() {
  if [[ ! -f $1 ]]; then
    show_short bin/simclr sample --output="${1%.tar}" --images=2000 --size="$2"
    tar -cf "$1" -C "${1%.tar}" .
  fi
}

# The median of what NAME: 12.3 images/s lines say: FILE NAME.
median() {
  sed -n "s|^$2: \(.*\) images/s|\1|p" "$1" | sort -g |
    awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'
}

# How many times as fast the first is, by medians: JAVA_FILE PYTHON_FILE NAME.
print_ratio() {
  awk -v name="$3" -v java="$(median "$1" "$3")" -v python="$(median "$2" "$3")" \
    'BEGIN { printf "%s: %.1f : %.1f images/s, %.2f times\n", name, java, python, java / python }'
}

bench_augmentation() {
  need_torch
  build runners/flink/target/lib
  build benchmarks/target/lib -Pbenchmarks -pl benchmarks -am
  local tar=${1:-bench/sample-32.tar} size=${2:-32} round
  mkdir -p bench
  if [[ $# -eq 0 ]]; then sample_tar "$tar" 32; fi
  rm -f bench/java bench/python
  for ((round = 1; round <= ${ROUNDS:-3}; round++)); do
    printf '\nround %d, simclr-beam\n' "$round"
    java_benchmark io.simclrbeam.benchmarks.AugmentationSpeed "$tar" "$size" 5 | tee -a bench/java
    printf 'round %d, PIL and torchvision\n' "$round"
    "$python" benchmarks/augmentation.py "$tar" "$size" 5 | tee -a bench/python
  done
  printf '\nmedians, simclr-beam : PIL and torchvision\n'
  print_ratio bench/java bench/python 'decode + 2 views'
  print_ratio bench/java bench/python '2 views'
}

# Runs a program and notes its images/s by the clock and by its processor time: FILE IMAGES COMMAND.
time_program() {
  local file=$1 images=$2
  shift 2
  local TIMEFORMAT='%R %U %S'
  if ! { time "$@" >bench/log 2>&1; } 2>bench/time; then
    cat bench/log >&2
    exit 1
  fi
  awk -v images="$images" '{
    printf "by the clock: %.1f images/s\n", images / $1
    printf "by processor time: %.1f images/s\n", images / ($2 + $3)
  }' bench/time | tee -a "$file"
}

bench_embedding() {
  need_torch
  build runners/flink/target/lib
  local tar=${1:-bench/sample-32.tar} size=${2:-32} encoder=${3:-resnet18} images round ours theirs
  local arithmetics=(auto)
  if grep -q avx512_vnni /proc/cpuinfo; then arithmetics+=(int8); fi
  mkdir -p bench
  if [[ $# -eq 0 ]]; then sample_tar "$tar" 32; fi
  images=$(tar -tf "$tar" | grep -vc '/$')
  rm -rf bench/model bench/ours-* bench/theirs-*
  show bin/simclr train --input="$tar" --model=bench/model --encoder="$encoder" \
    --imageSize="$size" --batchSize=8 --steps=0
  for ((round = 1; round <= ${ROUNDS:-3}; round++)); do
    for ours in "${arithmetics[@]}"; do
      printf '\nround %d, simclr embed --precision=%s\n' "$round" "$ours"
      rm -rf bench/embeddings
      # What int8 makes of an untrained encoder would be held back.
      time_program "bench/ours-$ours" "$images" bin/simclr embed --input="$tar" \
        --model=bench/model --output=bench/embeddings --precision="$ours" --maxCanaryChange=1
    done
    for theirs in fp32 bf16; do
      printf 'round %d, PyTorch in %s\n' "$round" "$theirs"
      time_program "bench/theirs-$theirs" "$images" \
        "$python" benchmarks/embedding.py --input "$tar" --size "$size" --network "$encoder" \
        --weights bench/model/encoder.safetensors --precision "$theirs" --output bench/python
    done
  done
  for ours in "${arithmetics[@]}"; do
    for theirs in fp32 bf16; do
      printf '\nmedians of whole programs, simclr embed --precision=%s : PyTorch in %s\n' \
        "$ours" "$theirs"
      print_ratio "bench/ours-$ours" "bench/theirs-$theirs" 'by the clock'
      print_ratio "bench/ours-$ours" "bench/theirs-$theirs" 'by processor time'
    done
  done
}

bench_training() {
  build runners/flink/target/lib
  mkdir -p bench
  sample_tar bench/sample-32.tar 32
  rm -rf bench/speeds bench/model-*
  local round precision with_torch=no
  if has_torch; then with_torch=yes; fi
  for round in 1 2 3; do
    show bin/simclr train --input=bench/sample-32.tar --model=bench/model-$round --imageSize=32 \
      --encoder=resnet18 --width=0.25 --batchSize=256 --optimizer=adamw --steps=40
    # The first steps run while the JVM still compiles, and Python's workers still start.
    sed -n 's/.*"step":\([0-9]*\),.*"images_per_s":\([0-9.]*\),.*/\1 \2/p' \
      bench/model-$round/metrics.jsonl |
      awk '$1 > 10 { seconds += 1 / $2; steps++ }
        END { printf "simclr-beam: %.1f images/s\n", steps / seconds }' | tee -a bench/speeds
    if [[ $with_torch == yes ]]; then
      for precision in fp32 bf16; do
        show "$python" benchmarks/training.py --input bench/sample-32.tar --steps 40 \
          --precision $precision |
          sed -n "s/\( images\/s\) over.*/\1/p" | sed "s/^/PyTorch in $precision: /" |
          tee -a bench/speeds
      done
    fi
  done
  printf '\n'
  cat bench/speeds
}

bench_gpu() {
  build benchmarks/target/lib -Pbenchmarks -pl benchmarks -am
  rm -rf bench/gpu
  java_benchmark io.simclrbeam.benchmarks.ExportedPrograms \
    bench/gpu "${1:-resnet18}" "${2:-1}" "${3:-32}"
  cp benchmarks/gpu/check.py benchmarks/training.py bench/gpu
  printf 'Copy bench/gpu to where the GPU is, and there run: python3 bench/gpu/check.py\n'
}

bench() {
  local measurement=${1:-}
  [[ $# -eq 0 ]] || shift
  case "$measurement" in
    jmh | augmentation | embedding | training | gpu) "bench_$measurement" "$@" ;;
    '') benchmarks ;;
    *)
      echo "there is no measurement '$measurement'" >&2
      benchmarks >&2
      exit 2
      ;;
  esac
}
