#include "tls/engine_bio.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "tls/openssl.h"

namespace quoll::tls {
namespace {

Wires& wires_of(BIO* bio) {
  return *static_cast<Wires*>(BIO_get_data(bio));
}

int read_from(BIO* bio, char* out, std::size_t bytes, std::size_t* taken) {
  std::string_view& incoming = wires_of(bio).incoming;
  BIO_clear_retry_flags(bio);
  *taken = std::min(bytes, incoming.size());
  if (*taken == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(out, incoming.data(), *taken);
  incoming.remove_prefix(*taken);
  return 1;
}

int write_to(BIO* bio, const char* bytes, std::size_t count, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  wires_of(bio).outgoing.append(bytes, count);
  *written = count;
  return 1;
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quoll wires");
  BIO_meth_set_read_ex(method, read_from);
  BIO_meth_set_write_ex(method, write_to);
  BIO_meth_set_ctrl(method, control);
  return method;
}

}  // namespace

BIO* new_wires_bio(Wires& wires) {
  static const std::unique_ptr<BIO_METHOD, FreedBy<BIO_meth_free>> method(make_method());
  BIO* bio = BIO_new(method.get());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &wires);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace quoll::tls
