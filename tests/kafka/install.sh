#!/bin/sh
# Installs Kafka 3.9 with its libraries into build/kafka/lib. Does nothing if it is there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
kafka=${QUOLL_KAFKA_DIR:-$root/build/kafka}

mkdir -p "$kafka"
# The stamp is a copy of the list that was installed, so a changed list is installed again.
cmp -s "$here/pom.xml" "$kafka/pom.stamp" && exit 0
rm -rf "$kafka/lib"
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies \
  -DoutputDirectory="$kafka/lib" -DincludeScope=runtime
cp "$here/pom.xml" "$kafka/pom.stamp"
