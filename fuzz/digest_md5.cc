// SASL DIGEST-MD5: each line of the input is a client's token, sent to a server with a known nonce.
#include "fuzz/record_bytes.h"
#include "fuzz/target.h"
#include "sasl/digest_response.h"
#include "sasl/digest_server.h"
#include "sasl/directives.h"

using namespace quoll;

namespace {

const sasl::DigestConfig& config() {
  static const sasl::DigestConfig users = [] {
    sasl::DigestConfig made;
    made.users = {{"bob", "secret"}, {"j\xc3\xbcrgen", "gehe\xc3\xafm"}, {"super", "weak"}};
    made.super_password = "power";
    return made;
  }();
  return users;
}

sasl::DigestServer new_server() {
  return sasl::DigestServer(config(), [](std::size_t bytes) { return std::string(bytes, 'n'); });
}

std::string directive(std::string_view text, std::string_view name) {
  const auto all = sasl::parse_directives(text);
  if (!all) return {};
  const auto at = all->find(name);
  return at == all->end() ? std::string() : at->second;
}

// A correct client's token for this server.
std::string good_token(base::Prng& chance) {
  auto server = new_server();
  const auto challenge = server.step("");
  const std::string nonce = directive(*challenge, "nonce");
  const bool is_super = chance.below(3) == 0;
  const std::string user = is_super ? "super" : "bob";
  const std::string password = is_super ? "power" : "secret";
  sasl::DigestInputs inputs{user, config().server_name, password, nonce, "cnonce", "zookeeper/zk-sasl-md5", {}};
  return fmt::format(
      R"(username="{}",realm="{}",nonce="{}",cnonce="cnonce",nc=00000001,qop=auth,digest-uri="zookeeper/zk-sasl-md5",response={},charset=utf-8)",
      user, config().server_name, nonce, sasl::digest_response(inputs, sasl::Side::client));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = fuzz::view(data, size);
  auto server = new_server();
  bool is_over = false;
  for (int steps = 0; steps < 5; ++steps) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view token = rest.substr(0, end);
    rest = rest.substr(std::min(end + 1, rest.size()));
    sasl::parse_directives(token);
    const auto answer = server.step(token);
    if (is_over) QUOLL_CHECK(!answer, "no answer after the end of the exchange");
    if (server.complete()) {
      QUOLL_CHECK(config().users.contains(server.authorization_id()), "the authorised id is a user");
      QUOLL_CHECK(is_over || (answer && answer->starts_with("rspauth=")), "the user gets the server's proof");
    } else {
      QUOLL_CHECK(server.authorization_id().empty(), "there is no authorised id before the proof");
    }
    // As in Java, a token that is too long is refused and the exchange continues.
    const bool is_too_long = token.size() > sasl::DigestServer::kTokenBytesMax;
    is_over = is_over || (!answer && !is_too_long) || server.complete();
  }
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(4) != 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string made = "\n" + good_token(chance);
  if (chance.below(2) == 0) made = "\n" + fuzz::mutated(made.substr(1), 1024);
  return fuzz::give(made, data, max_size);
}
