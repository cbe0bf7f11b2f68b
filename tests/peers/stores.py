"""Key stores for TLS tests, in every format that ZooKeeper reads, made with the JDK's keytool and openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path

PASSWORD = "changeit"


def _run(*args):
    subprocess.run([str(a) for a in args], check=True, capture_output=True)


class Stores:
    """A CA in `folder`, certificates of a server and a client that it signed, and one of another CA."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._authority("ca", "/CN=Test CA")
        self._authority("otherca", "/CN=Other CA")
        self._identity("server", "/CN=localhost", "ca", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self._identity("client", "/CN=client", "ca")
        # A name with characters that must be escaped.
        self._identity("named", "/C=DE/O=Quoll, Inc./OU=plus\\+sign;<x>/OU=a+UID=b/CN= Jürgen \"#1\"/emailAddress=me@example.org", "ca")
        self._identity("outsider", "/CN=outsider", "otherca")

    def path(self, name: str) -> Path:
        return self.folder / name

    def _authority(self, name, subject):
        _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", subject,
             "-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.crt"))

    def _identity(self, name, subject, authority, extension=None):
        request = self.path(f"{name}.csr")
        _run("openssl", "req", "-utf8", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", self.path(f"{name}.key"), "-out", request)
        extra = []
        if extension:
            self.path(f"{name}.ext").write_text(extension + "\n")
            extra = ["-extfile", self.path(f"{name}.ext")]
        _run("openssl", "x509", "-req", "-in", request, "-days", "30", "-CA", self.path(f"{authority}.crt"),
             "-CAkey", self.path(f"{authority}.key"), "-CAcreateserial", "-out", self.path(f"{name}.crt"), *extra)

    def key_store(self, name: str, kind: str) -> Path:
        """The identity `name` as a store of `kind`: pem, p12 or jks."""
        target = self.path(f"{name}.{kind}")
        if target.exists():
            return target
        if kind == "pem":
            # PKCS 8 key and certificate in one file, as ZooKeeper wants it.
            target.write_text(self.path(f"{name}.key").read_text() + self.path(f"{name}.crt").read_text())
            return target
        p12 = self.path(f"{name}.p12")
        if not p12.exists():
            _run("openssl", "pkcs12", "-export", "-in", self.path(f"{name}.crt"), "-inkey", self.path(f"{name}.key"), "-name", name,
                 "-out", p12, "-passout", f"pass:{PASSWORD}")
        if kind == "jks":
            _run("keytool", "-importkeystore", "-noprompt", "-srckeystore", p12, "-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD,
                 "-destkeystore", target, "-deststoretype", "JKS", "-deststorepass", PASSWORD)
        return target

    def trust_store(self, kind: str) -> Path:
        """The CA as a store of `kind`."""
        target = self.path(f"trust.{kind}")
        if target.exists():
            return target
        if kind == "pem":
            target.write_text(self.path("ca.crt").read_text())
        else:
            _run("keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", self.path("ca.crt"), "-keystore", target,
                 "-storetype", {"jks": "JKS", "p12": "PKCS12"}[kind], "-storepass", PASSWORD)
        return target

    def settings(self, name: str, kind: str, prefix: str = "ssl.") -> dict[str, str]:
        """ZooKeeper's settings for the identity `name`; `prefix` is `zookeeper.ssl.` for a client's properties."""
        return {
            f"{prefix}keyStore.location": str(self.key_store(name, kind)), f"{prefix}keyStore.password": "" if kind == "pem" else PASSWORD,
            f"{prefix}trustStore.location": str(self.trust_store(kind)), f"{prefix}trustStore.password": "" if kind == "pem" else PASSWORD,
        }
