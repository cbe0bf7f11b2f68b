#!/bin/sh
# Creates the key stores for this room's tests. Needs openssl and a JDK's keytool. The created files are checked in, so
# that the tests need neither. The keys are public: use them for tests only. All passwords are "testpass".
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
P=testpass

ec_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
root() { ec_key "$1"; openssl req -x509 -new -key "$1.key" -days 36500 -subj "$2" -out "$1.crt"; }
issue() { # name, subject, issuer, extensions
  openssl req -new -utf8 -key "$1.key" -subj "$2" -multivalue-rdn -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 36500 -extfile "$4" -out "$1.crt" 2>/dev/null
}
printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n' > authority.cnf
printf 'extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n' > end.cnf
printf 'extendedKeyUsage=serverAuth\n' > server_only.cnf
printf 'extendedKeyUsage=clientAuth\n' > client_only.cnf

root ca '/C=XX/O=Quoll Test/CN=Quoll Test CA'
root other_ca '/CN=Other Test CA'
ec_key inter
issue inter '/CN=Quoll Test Intermediate' ca authority.cnf
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out server.key 2>/dev/null
issue server '/O=Quoll Test/CN=server' inter end.cnf
ec_key client
issue client '/C=XX/ST=Some State/L=Town/O=Quoll, Inc./OU=Tests/CN=client one/emailAddress=c@example.org' ca client_only.cnf
ec_key wrong_use
issue wrong_use '/CN=wrong use' ca server_only.cnf
ec_key stranger
issue stranger '/CN=stranger' other_ca end.cnf
ec_key names
issue names '/DC=org/DC=example/UID=u1/street=1 Main; St/title=Dr/O=a\+b=c\\d"e<f>#g/OU=one+CN=two/L= lead and trail /CN=Žižka 猫' ca end.cnf
ec_key expired
openssl req -new -key expired.key -subj /CN=expired -out expired.csr
touch index; echo 01 > serial; mkdir new
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=new\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' > ca.cnf
openssl ca -batch -notext -config ca.cnf -in expired.csr -cert ca.crt -keyfile ca.key -startdate 20200101000000Z -enddate 20210101000000Z \
  -extfile end.cnf -out expired.crt 2>/dev/null
ec_key expired_ca
openssl req -new -key expired_ca.key -subj '/CN=Expired Test CA' -out expired_ca.csr
openssl ca -batch -notext -config ca.cnf -in expired_ca.csr -selfsign -keyfile expired_ca.key -startdate 20200101000000Z -enddate 20210101000000Z \
  -extfile authority.cnf -out expired_ca.crt 2>/dev/null
ec_key of_expired_ca
issue of_expired_ca '/CN=of an expired authority' expired_ca client_only.cnf
# Three certificates with the same name and no key identifier extensions: an authority, a certificate signed by it, and
# a self-signed one.
printf '[req]\nprompt=no\ndistinguished_name=dn\n[dn]\nCN=Same Name\n' > same_name.cnf
for name in same_name_ca self_of_same_name; do ec_key $name; openssl req -x509 -new -key $name.key -days 36500 -config same_name.cnf -out $name.crt; done
ec_key of_same_name
openssl req -new -key of_same_name.key -config same_name.cnf -out of_same_name.csr
openssl x509 -req -in of_same_name.csr -CA same_name_ca.crt -CAkey same_name_ca.key -CAcreateserial -days 36500 -out of_same_name.crt 2>/dev/null

for name in client stranger expired of_expired_ca of_same_name self_of_same_name wrong_use names; do cat $name.key $name.crt > "$here/$name.pem"; done
cp ca.crt "$here/ca.pem"
cp other_ca.crt "$here/other_ca.pem"
cp expired_ca.crt "$here/expired_ca.pem"
cp same_name_ca.crt "$here/same_name_ca.pem"
cat server.key server.crt inter.crt > "$here/server.pem"
{ cat inter.crt server.crt; openssl pkcs8 -topk8 -in server.key -v2 aes-256-cbc -passout pass:$P; } > "$here/chain_first_wrong.pem"
{ cat server.crt inter.crt; openssl pkcs8 -topk8 -in server.key -v2 aes-256-cbc -passout pass:$P; } > "$here/server_encrypted.pem"

openssl pkcs12 -export -inkey server.key -in server.crt -certfile inter.crt -passout pass:$P -out "$here/server_openssl.p12"
openssl pkcs12 -export -legacy -inkey client.key -in client.crt -passout pass:$P -out "$here/client_legacy.p12"
openssl pkcs12 -export -nokeys -in ca.crt -passout pass:$P -out "$here/ca_openssl.p12"
rm -f "$here"/server_keytool.* "$here"/ca_keytool.* "$here"/server.jceks "$here"/both.jks
convert() { keytool -importkeystore -noprompt -srckeystore "$here/server_openssl.p12" -srcstoretype PKCS12 -srcstorepass $P -srcalias 1 \
  -destalias server -destkeystore "$1" -deststoretype "$2" -deststorepass $P -destkeypass $P 2>/dev/null; }
trust() { keytool -importcert -noprompt -alias ca -file ca.crt -keystore "$1" -storetype "$2" -storepass $P 2>/dev/null; }
convert "$here/server_keytool.p12" PKCS12
convert "$here/server_keytool.jks" JKS
convert "$here/server.jceks" JCEKS
convert "$here/both.jks" PKCS12
trust "$here/both.jks" PKCS12
trust "$here/ca_keytool.p12" PKCS12
trust "$here/ca_keytool.jks" JKS
