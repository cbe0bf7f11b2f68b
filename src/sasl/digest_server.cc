// Follows com.sun.security.sasl.digest.DigestMD5Server in what it accepts, and SaslServerCallbackHandler.java in who
// may log in.
#include "sasl/digest_server.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/java_int.h"
#include "base/utf8.h"
#include "sasl/digest_response.h"
#include "sasl/directives.h"

namespace quoll::sasl {
namespace {

constexpr std::size_t kNonceRawBytes = 30;  // 40 characters of base 64, as Java's

std::unexpected<Failure> failed(std::string reason) {
  return std::unexpected(Failure{std::move(reason)});
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

const std::string* find(const Directives& said, std::string_view name) {
  const auto it = said.find(name);
  return it == said.end() ? nullptr : &it->second;
}

// Absent, or a number to the given base as Java's Integer.parseInt reads it.
bool is_absent_or_number(const std::string* text, int radix, std::optional<int> wanted = {}) {
  if (text == nullptr) return true;
  const auto number = base::java_int(*text, radix);
  return number && (!wanted || number == wanted);
}

// A reason why the directives cannot be a proof at all, before any password is looked at; empty: none.
std::string objection(const Directives& said, const DigestConfig& config, std::string_view nonce) {
  const auto differs = [&](std::string_view name, std::string_view wanted) {
    const std::string* value = find(said, name);
    return value != nullptr && *value != wanted;
  };
  for (const char* name : {"username", "realm", "nonce", "cnonce", "digest-uri", "response"}) {
    if (find(said, name) == nullptr) return fmt::format("it does not say {}", name);
  }
  if (differs("charset", "utf-8")) return "its charset is not utf-8";
  if (!is_absent_or_number(find(said, "maxbuf"), 10)) return "its maxbuf is no number";
  if (differs("realm", config.server_name))
    return fmt::format("its realm is \"{}\"", base::escaped(*find(said, "realm"), 64));
  if (!same_bytes(*find(said, "nonce"), nonce)) return "its nonce is not the one that this connection was given";
  if (!is_absent_or_number(find(said, "nonce-count"), 16, 1)) return "it uses the nonce more than once";
  if (differs("qop", "auth"))
    return fmt::format("its qop is \"{}\", and only auth is offered", base::escaped(*find(said, "qop"), 64));
  if (!same_letters(*find(said, "digest-uri"), config.protocol + "/" + config.server_name)) {
    return fmt::format("its digest-uri is \"{}\"", base::escaped(*find(said, "digest-uri"), 64));
  }
  return {};
}

}  // namespace

DigestServer::DigestServer(const DigestConfig& config, NonceSource nonces)
    : config_(config), nonces_(std::move(nonces)) {}

std::expected<std::string, Failure> DigestServer::step(std::string_view token) {
  const Stage stage = std::exchange(stage_, Stage::failed);
  if (token.size() > kTokenBytesMax) {
    // Java refuses it without losing its place.
    stage_ = stage;
    return failed(
        fmt::format("the token is {} bytes long, more than the {} that are looked at", token.size(), kTokenBytesMax));
  }
  switch (stage) {
    case Stage::start:
      stage_ = Stage::challenged;
      return challenge();
    case Stage::challenged: {
      auto answer = verify(token);
      if (answer) stage_ = Stage::complete;
      return answer;
    }
    case Stage::complete:
      stage_ = Stage::complete;
      return failed("the exchange is over, yet another token came");
    case Stage::failed:
      break;
  }
  return failed("the exchange failed before, yet another token came");
}

std::string DigestServer::challenge() {
  const std::string random = nonces_(kNonceRawBytes);
  QUOLL_CHECK(random.size() == kNonceRawBytes, "a nonce source gives as many bytes as it was asked for");
  nonce_ = base64(random);
  return fmt::format("realm=\"{}\",nonce=\"{}\",charset=utf-8,algorithm=md5-sess", config_.server_name, nonce_);
}

std::expected<std::string, Failure> DigestServer::verify(std::string_view token) {
  const auto said = parse_directives(token);
  if (!said) return failed("the token is malformed: " + said.error());
  if (std::string reason = objection(*said, config_, nonce_); !reason.empty())
    return failed("the token is not acceptable: " + reason);

  const std::string& username = *find(*said, "username");
  const auto user = config_.users.find(username);
  const bool known = user != config_.users.end();
  // An unknown user costs as much time as a wrong password.
  std::string_view password = known ? std::string_view(user->second) : std::string_view(nonce_);
  if (known && username == "super" && config_.super_password) password = *config_.super_password;

  DigestInputs inputs{.username = username,
                      .realm = *find(*said, "realm"),
                      .password = password,
                      .nonce = nonce_,
                      .cnonce = *find(*said, "cnonce"),
                      .digest_uri = *find(*said, "digest-uri"),
                      .authzid = {}};
  if (const std::string* authzid = find(*said, "authzid")) inputs.authzid = *authzid;
  const bool proven = same_bytes(*find(*said, "response"), digest_response(inputs, Speaker::client));
  if (!known)
    return failed(fmt::format("user \"{}\" is not among the users of the JAAS section", base::escaped(username, 64)));
  if (!proven) return failed(fmt::format("wrong password for user \"{}\"", base::escaped(username, 64)));
  authorization_id_ = username;
  return "rspauth=" + digest_response(inputs, Speaker::server);
}

}  // namespace quoll::sasl
