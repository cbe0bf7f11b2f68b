# Finds the configuration for the scripts beside this file, which read it with `.`: sets ZOOCFGDIR, ZOOCFG, ZOO_LOG_DIR and QUOLL, and exports
# what the server reads (JVMFLAGS, SERVER_JVMFLAGS, JAVA_OPTS; only their -D properties count). ZOOBINDIR is the directory of the scripts.
# shellcheck shell=bash disable=SC2034  # the scripts that read this file use the variables

ZOOKEEPER_PREFIX=${ZOOBINDIR:?is the directory of the scripts}/..
QUOLL=${QUOLL:-quoll}

if [[ -z ${ZOOCFGDIR-} ]]; then
  for folder in "$ZOOKEEPER_PREFIX/conf" "$ZOOKEEPER_PREFIX/etc/zookeeper" /etc/zookeeper/conf; do
    ZOOCFGDIR=$folder
    [[ ! -d $folder ]] || break
  done
fi

# A directory that an argument names stays, whatever a file says.
asked_dir=${asked_dir-}
[[ -z $asked_dir ]] || ZOOCFGDIR=$asked_dir
# Debian's file, then Apache's two. They set variables without `export`.
set -a
for file in environment zookeeper-env.sh java.env; do
  # shellcheck source=/dev/null
  [[ ! -r $ZOOCFGDIR/$file ]] || . "$ZOOCFGDIR/$file"
done
set +a
if [[ -n $asked_dir ]]; then
  ZOOCFGDIR=$asked_dir
  ZOOCFG=$ZOOCFGDIR/zoo.cfg
fi

ZOOCFG=${ZOOCFG:-zoo.cfg}
[[ $ZOOCFG == */* ]] || ZOOCFG=$ZOOCFGDIR/$ZOOCFG

if [[ -z ${ZOO_LOG_DIR-} ]]; then
  ZOO_LOG_DIR=$ZOOKEEPER_PREFIX/logs
  [[ ! -d /var/log/zookeeper ]] || ZOO_LOG_DIR=/var/log/zookeeper
fi

# The value of a key of ZOOCFG; of a key that stands twice, the last one counts.
value_of() {
  [[ -r $ZOOCFG ]] || return 0
  sed -n "s/^[[:blank:]]*${1//./\\.}[[:blank:]]*[=:][[:blank:]]*\(.*[^[:space:]]\)[[:space:]]*$/\1/p" "$ZOOCFG" | tail -n 1
}
