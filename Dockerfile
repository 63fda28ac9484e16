# syntax=docker/dockerfile:1
# The program for one machine, computing on its CPU: the embedded Flink runner, and Beam's own.
#
#   docker build -t simclr-beam:0.1.0 .
#   docker run --rm -u "$(id -u):$(id -g)" -v /data:/data simclr-beam:0.1.0 embed \
#     --input=/data/photos --model=/data/model --output=/data/embeddings
ARG MAVEN=maven:3.9-eclipse-temurin-17
ARG JAVA=eclipse-temurin:17-jre

FROM ${MAVEN} AS build
ENV MAVEN_ARGS=-Dmaven.repo.local=/build/repository
WORKDIR /build
COPY pom.xml LICENSE README.md CHANGELOG.md ./
COPY .mvn .mvn
COPY bin bin
COPY docs docs
COPY packaging packaging
COPY model model
COPY transforms transforms
COPY pipelines pipelines
COPY runners runners
# What was built outside may be of another machine.
RUN --mount=type=cache,target=/build/repository \
    rm -rf runners/*/target && \
    mvn -q -B -DskipTests -Pdist -Ddist.format=dir package && \
    mv target/simclr-beam-*/simclr-beam-* /simclr-beam

FROM ${JAVA}
# What the process does not write to stays root's.
COPY --from=build /simclr-beam /opt/simclr
RUN ln -s /opt/simclr/bin/simclr /usr/local/bin/simclr && \
    groupadd --gid 10001 simclr && \
    useradd --uid 10001 --gid 10001 --home-dir /home/simclr --create-home simclr

# The allocator's and OpenMP's as bin/simclr sets them, for a shell in the container too. The home is for
# users that the image does not know, as -u names one that owns the data.
ENV HOME=/home/simclr \
    THP_MEM_ALLOC_ENABLE=1 \
    MALLOC_MMAP_THRESHOLD_=8589934592 \
    MALLOC_TRIM_THRESHOLD_=8589934592 \
    OMP_WAIT_POLICY=PASSIVE \
    OPT_OUT_TRACKING=true

# By number: Kubernetes takes no name for proof that it is not root.
USER 10001:10001
# Unpacks the native libraries, which takes a new container seconds.
RUN simclr sample --output=/tmp/images --images=8 && \
    simclr train --input=/tmp/images --model=/tmp/model --imageSize=32 --batchSize=8 --steps=0 && \
    chmod -R a+rwX "$HOME" && \
    rm -r /tmp/images /tmp/model
WORKDIR /data
ENTRYPOINT ["/opt/simclr/bin/simclr"]
CMD ["--help"]
