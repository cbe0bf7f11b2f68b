#!/usr/bin/env bash
# Starts a server in a container: writes $ZOO_CONF_DIR/zoo.cfg from the environment variables of docker-library's and of Bitnami's images of ZooKeeper,
# and the file myid, then becomes the server. What a variable cannot do here is said; no variable is ignored in silence. docs/containers.md has all.
#   entrypoint.sh [ARGUMENT OF quoll server]...      entrypoint.sh --write-only      entrypoint.sh --health      entrypoint.sh COMMAND...
# --health fails if the server in this container does not answer.
set -euo pipefail

warn() {
  echo "entrypoint: warning: $*" >&2
}

refuse() {
  echo "entrypoint: $*" >&2
  exit 2
}

# A variable and the key of zoo.cfg that takes its value as it is. Where two images have two names for a key, the first one counts.
keys=(
  ZOO_TICK_TIME=tickTime
  ZOO_INIT_LIMIT=initLimit
  ZOO_SYNC_LIMIT=syncLimit
  ZOO_MAX_CLIENT_CNXNS=maxClientCnxns
  ZOO_MAX_CNXNS=maxCnxns
  ZOO_MAX_SESSION_TIMEOUT=maxSessionTimeout
  ZOO_PRE_ALLOC_SIZE=preAllocSize
  ZOO_SNAPCOUNT=snapCount
  ZOO_AUTOPURGE_PURGEINTERVAL=autopurge.purgeInterval
  ZOO_AUTOPURGE_INTERVAL=autopurge.purgeInterval
  ZOO_AUTOPURGE_SNAPRETAINCOUNT=autopurge.snapRetainCount
  ZOO_AUTOPURGE_RETAIN_COUNT=autopurge.snapRetainCount
  ZOO_4LW_COMMANDS_WHITELIST=4lw.commands.whitelist
  ZOO_PEER_TYPE=peerType
  ZOO_ADMIN_SERVER_PORT_NUMBER=admin.serverPort
  ZOO_TLS_PORT_NUMBER=secureClientPort
  ZOO_TLS_CLIENT_KEYSTORE_FILE=ssl.keyStore.location
  ZOO_TLS_CLIENT_KEYSTORE_PASSWORD=ssl.keyStore.password
  ZOO_TLS_CLIENT_TRUSTSTORE_FILE=ssl.trustStore.location
  ZOO_TLS_CLIENT_TRUSTSTORE_PASSWORD=ssl.trustStore.password
  ZOO_TLS_CLIENT_AUTH=ssl.clientAuth
  ZOO_TLS_QUORUM_KEYSTORE_FILE=ssl.quorum.keyStore.location
  ZOO_TLS_QUORUM_KEYSTORE_PASSWORD=ssl.quorum.keyStore.password
  ZOO_TLS_QUORUM_TRUSTSTORE_FILE=ssl.quorum.trustStore.location
  ZOO_TLS_QUORUM_TRUSTSTORE_PASSWORD=ssl.quorum.trustStore.password
  ZOO_TLS_QUORUM_CLIENT_AUTH=ssl.quorum.clientAuth
)
# The same with yes, no, true or false.
switches=(
  ZOO_STANDALONE_ENABLED=standaloneEnabled
  ZOO_ADMINSERVER_ENABLED=admin.enableServer
  ZOO_ENABLE_ADMIN_SERVER=admin.enableServer
  ZOO_RECONFIG_ENABLED=reconfigEnabled
  ZOO_LISTEN_ALLIPS_ENABLED=quorumListenOnAllIPs
  ZOO_TLS_QUORUM_ENABLE=sslQuorum
)
# Those that code below reads.
others=" ZOO_MY_ID ZOO_SERVER_ID ZOO_SERVERS ZOO_CFG_EXTRA ZOO_CONF_DIR ZOO_DATA_DIR ZOO_DATA_LOG_DIR ZOO_PORT_NUMBER ZOO_LOG_LEVEL \
 ZOO_ENABLE_PROMETHEUS_METRICS ZOO_PROMETHEUS_METRICS_PORT_NUMBER ZOO_TLS_CLIENT_ENABLE ALLOW_ANONYMOUS_LOGIN \
 ZOO_ENABLE_AUTH ZOO_SERVER_USERS ZOO_SERVER_PASSWORDS ZOO_ENABLE_QUORUM_AUTH ZOO_QUORUM_LEARNER_USER ZOO_QUORUM_LEARNER_PASSWORD \
 ZOO_QUORUM_SERVER_USERS ZOO_QUORUM_SERVER_PASSWORDS "
declare -A without_meaning=(
  [ZOO_HEAP_SIZE]="there is no Java heap; limit the container's memory"
  [ZOO_LOG_DIR]="the log goes to standard output; quoll.log.file in ZOO_CFG_EXTRA sends it to a file"
  [ZOO_LOG4J_PROP]="there is no log4j; ZOO_LOG_LEVEL sets the level"
  [ZOO_USER]="the image's user runs the server"
  [ZOO_DAEMON_USER]="the image's user runs the server"
  [ZOO_DAEMON_GROUP]="the image's user runs the server"
  [ZOO_CLIENT_USER]="it is for the client in Bitnami's image"
  [ZOO_CLIENT_PASSWORD]="it is for the client in Bitnami's image"
  [BITNAMI_DEBUG]="it is for Bitnami's scripts"
  [BITNAMI_APP_NAME]="it is for Bitnami's scripts"
)

CONF_DIR=${ZOO_CONF_DIR:-/conf}
DATA_DIR=${ZOO_DATA_DIR:-/data}
DATA_LOG_DIR=${ZOO_DATA_LOG_DIR:-/datalog}
CFG=$CONF_DIR/zoo.cfg
MARK="# Written by entrypoint.sh from environment variables at each start; change those, or replace this file."
QUOLL=${QUOLL:-quoll}

is_yes() {
  case ${1,,} in
    yes | true | 1) return 0 ;;
    *) return 1 ;;
  esac
}

# Secrets may be in files: NAME_FILE is the path of a file with the value of NAME.
read_secret_files() {
  local name
  for name in $(compgen -e | grep -E '^ZOO_.*_PASSWORDS?_FILE$' || true); do
    [[ -r ${!name} ]] || refuse "$name names ${!name}, which can't be read"
    declare -gx "${name%_FILE}=$(<"${!name}")"
  done
}

warn_of_the_rest() {
  local name entry known=$others
  for entry in "${keys[@]}" "${switches[@]}"; do known+=" ${entry%%=*} "; done
  for name in $(compgen -e | grep -E '^(ZOO_|BITNAMI_|ALLOW_)' || true); do
    [[ $known != *" $name "* ]] || continue
    [[ $name != ZOO_*_PASSWORD_FILE && $name != ZOO_*_PASSWORDS_FILE ]] || continue
    if [[ -n ${without_meaning[$name]-} ]]; then
      warn "$name has no effect: ${without_meaning[$name]}"
    else
      warn "$name is not known and has no effect; a key of zoo.cfg can be set with ZOO_CFG_EXTRA=\"key=value ...\""
    fi
  done
}

# One server line for each server: docker-library has them as they are; Bitnami has HOST:PORT:PORT[::ID], with commas, semicolons or blanks between.
server_lines() {
  local servers=${ZOO_SERVERS-} one id number=0
  [[ -n $servers ]] || return 0
  if [[ $servers == *server.* ]]; then
    for one in $servers; do
      [[ $one == *';'* ]] || one="$one;$PORT"
      echo "$one"
    done
    return
  fi
  for one in ${servers//[,;]/ }; do
    number=$((number + 1))
    id=$number
    [[ $one != *::* ]] || id=${one##*::}
    one=${one%%::*}
    # The line of this very server may name an address that only others can use.
    [[ $id != "$ID" ]] || one="0.0.0.0:${one#*:}"
    echo "server.$id=$one;$PORT"
  done
}

# The number of this server: the variable, else what the data says, else the ordinal of a StatefulSet's pod (quoll-0 is server 1). Several servers
# with the same number by default would be a broken ensemble, so there is no default where there are several.
find_id() {
  local given=${ZOO_MY_ID:-${ZOO_SERVER_ID-}} stored='' servers=${ZOO_SERVERS-}
  [[ ! -s $DATA_DIR/myid ]] || stored=$(tr -d '[:space:]' <"$DATA_DIR/myid")
  if [[ -n $given && -n $stored && $given != "$stored" ]]; then
    refuse "the data in $DATA_DIR is that of server $stored (its file myid), but ZOO_MY_ID (or ZOO_SERVER_ID) is $given." \
      "Mount the directory of server $given, or correct the number"
  fi
  ID=${given:-$stored}
  [[ -z $ID ]] || return 0
  if [[ $(wc -w <<<"${servers//[,;]/ }") -le 1 ]]; then
    ID=1
  elif [[ ${HOSTNAME-} =~ -([0-9]+)$ ]]; then
    ID=$((BASH_REMATCH[1] + 1))
  else
    refuse "ZOO_SERVERS names several servers, but nothing says which of them this is: set ZOO_MY_ID (or ZOO_SERVER_ID)"
  fi
}

# "a,b" and "x,y" become lines of a section of a JAAS file.
jaas_users() {
  local -a users passwords
  local i
  IFS=',; ' read -ra users <<<"$1"
  IFS=',; ' read -ra passwords <<<"$2"
  [[ ${#users[@]} -gt 0 && ${#users[@]} -eq ${#passwords[@]} ]] || refuse "$3 needs as many passwords as users, and at least one"
  for i in "${!users[@]}"; do
    echo "  user_${users[i]}=\"$(jaas_text "${passwords[i]}")\""
  done
}

jaas_text() {
  local text=${1//\\/\\\\}
  echo "${text//\"/\\\"}"
}

write_jaas() {
  local module="org.apache.zookeeper.server.auth.DigestLoginModule required" users
  if is_yes "${ZOO_ENABLE_AUTH-}"; then
    users=$(jaas_users "${ZOO_SERVER_USERS-}" "${ZOO_SERVER_PASSWORDS-}" ZOO_SERVER_USERS)
    printf 'Server {\n  %s\n%s;\n};\n' "$module" "$users"
  fi
  if is_yes "${ZOO_ENABLE_QUORUM_AUTH-}"; then
    users=$(jaas_users "${ZOO_QUORUM_SERVER_USERS-}" "${ZOO_QUORUM_SERVER_PASSWORDS-}" ZOO_QUORUM_SERVER_USERS)
    printf 'QuorumServer {\n  %s\n%s;\n};\n' "$module" "$users"
    printf 'QuorumLearner {\n  %s\n  username="%s"\n  password="%s";\n};\n' "$module" \
      "${ZOO_QUORUM_LEARNER_USER:?is needed with ZOO_ENABLE_QUORUM_AUTH}" "$(jaas_text "${ZOO_QUORUM_LEARNER_PASSWORD-}")"
  fi
}

configuration() {
  local entry name key written=" "
  echo "$MARK"
  echo "dataDir=$DATA_DIR"
  echo "dataLogDir=$DATA_LOG_DIR"
  [[ $SERVERS == *";"* ]] || echo "clientPort=$PORT"
  for entry in "${keys[@]}"; do
    name=${entry%%=*}
    key=${entry#*=}
    [[ -n ${!name-} && $written != *" $key "* ]] || continue
    [[ $name != ZOO_TLS_CLIENT_* && $name != ZOO_TLS_PORT_NUMBER ]] || is_yes "${ZOO_TLS_CLIENT_ENABLE-}" || continue
    [[ $name != ZOO_TLS_QUORUM_* ]] || is_yes "${ZOO_TLS_QUORUM_ENABLE-}" || continue
    written+="$key "
    # The backslash begins an escape in Java's properties.
    echo "$key=${!name//\\/\\\\}"
  done
  if is_yes "${ZOO_TLS_CLIENT_ENABLE-}" && [[ -z ${ZOO_TLS_PORT_NUMBER-} ]]; then echo "secureClientPort=3181"; fi
  for entry in "${switches[@]}"; do
    name=${entry%%=*}
    key=${entry#*=}
    [[ -n ${!name-} && $written != *" $key "* ]] || continue
    written+="$key "
    if is_yes "${!name}"; then echo "$key=true"; else echo "$key=false"; fi
  done
  # docker-library's and Bitnami's defaults, where they differ from the server's own.
  [[ $written == *" tickTime "* ]] || echo "tickTime=2000"
  [[ $written == *" initLimit "* ]] || echo "initLimit=10"
  [[ $written == *" syncLimit "* ]] || echo "syncLimit=5"
  # Nobody empties a volume by hand: old files are removed, unless a variable says something else.
  [[ $written == *" autopurge.purgeInterval "* ]] || echo "autopurge.purgeInterval=24"
  if is_yes "${ZOO_ENABLE_PROMETHEUS_METRICS-}"; then
    echo "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"
    echo "metricsProvider.httpPort=${ZOO_PROMETHEUS_METRICS_PORT_NUMBER:-7000}"
  fi
  if is_yes "${ZOO_ENABLE_AUTH-}"; then
    echo "authProvider.sasl=org.apache.zookeeper.server.auth.SASLAuthenticationProvider"
    echo "sessionRequireClientSASLAuth=true"
  fi
  if is_yes "${ZOO_ENABLE_QUORUM_AUTH-}"; then
    echo "quorum.auth.enableSasl=true"
    echo "quorum.auth.learnerRequireSasl=true"
    echo "quorum.auth.serverRequireSasl=true"
  fi
  case ${ZOO_LOG_LEVEL-} in
    "") ;;
    [Tt][Rr][Aa][Cc][Ee] | [Dd][Ee][Bb][Uu][Gg] | [Ii][Nn][Ff][Oo] | [Ww][Aa][Rr][Nn] | [Ee][Rr][Rr][Oo][Rr]) echo "quoll.log.level=${ZOO_LOG_LEVEL,,}" ;;
    *) warn "ZOO_LOG_LEVEL=$ZOO_LOG_LEVEL is none of TRACE, DEBUG, INFO, WARN, ERROR and has no effect" ;;
  esac
  [[ -z $SERVERS ]] || echo "$SERVERS"
  for entry in ${ZOO_CFG_EXTRA-}; do echo "$entry"; done
}

prepare() {
  PORT=${ZOO_PORT_NUMBER:-2181}
  read_secret_files
  if [[ -e $CFG && $(head -n 1 "$CFG") != "$MARK" ]]; then
    warn "$CFG was not written by this script and is used as it is; variables that stand for its keys (ZOO_...) have no effect"
    DATA_DIR=$(sed -n 's/^[[:blank:]]*dataDir[[:blank:]]*=[[:blank:]]*//p' "$CFG" | tail -n 1)
    [[ -z ${ZOO_MY_ID:-${ZOO_SERVER_ID-}} ]] || { find_id; write_id; }
    return
  fi
  warn_of_the_rest
  find_id
  SERVERS=$(server_lines)
  if [[ -n $SERVERS && $'\n'$SERVERS != *$'\n'"server.$ID="* ]]; then refuse "ZOO_SERVERS has no server with the number $ID, which is this one"; fi
  if [[ -n ${ALLOW_ANONYMOUS_LOGIN-} ]] && ! is_yes "$ALLOW_ANONYMOUS_LOGIN" && ! is_yes "${ZOO_ENABLE_AUTH-}"; then
    refuse "ALLOW_ANONYMOUS_LOGIN=$ALLOW_ANONYMOUS_LOGIN without ZOO_ENABLE_AUTH=yes: nobody could log in." \
      "Set ZOO_ENABLE_AUTH=yes with ZOO_SERVER_USERS and ZOO_SERVER_PASSWORDS, or allow it"
  fi
  mkdir -p "$CONF_DIR" "$DATA_DIR" "$DATA_LOG_DIR"
  if is_yes "${ZOO_ENABLE_AUTH-}" || is_yes "${ZOO_ENABLE_QUORUM_AUTH-}"; then
    (umask 077 && write_jaas >"$CONF_DIR/zoo_jaas.conf")
    export SERVER_JVMFLAGS="${SERVER_JVMFLAGS-} -Djava.security.auth.login.config=$CONF_DIR/zoo_jaas.conf"
  fi
  # The passwords of key stores stand in it.
  (umask 077 && configuration >"$CFG.new")
  mv "$CFG.new" "$CFG"
  write_id
}

write_id() {
  [[ -s $DATA_DIR/myid ]] || echo "$ID" >"$DATA_DIR/myid"
}

# As root, like a container of docker-library that was started with --user 0: the directories become the user's, and then the server is run by it.
become_user() {
  [[ $(id -u) -eq 0 ]] || return 0
  find "$CONF_DIR" "$DATA_DIR" "$DATA_LOG_DIR" ! -user 1000 -exec chown 1000:1000 {} + 2>/dev/null || true
  run=(setpriv --reuid=1000 --regid=1000 --clear-groups)
}

# Any answer will do: a member without a majority answers, too, that it does not serve, and must not be ended for that.
health() {
  local answer
  # shellcheck disable=SC2016  # the inner shell expands it
  answer=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && printf srvr >&3 && head -c 1 <&3' - "${ZOO_PORT_NUMBER:-2181}" 2>/dev/null)
  [[ -n $answer ]]
}

if [[ ${1-} == --health ]]; then
  health || exit 1
  exit 0
fi
# A command for something else, such as a shell.
if [[ $# -gt 0 && $1 != -* && $1 != server ]]; then exec "$@"; fi
[[ ${1-} != server ]] || shift
prepare
[[ ${1-} != --write-only ]] || exit 0
run=()
become_user
exec "${run[@]}" "$QUOLL" server "$CFG" "$@"
