#include "tls/store_type.h"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace quoll::tls {
namespace {

struct Format {
  std::string_view name;
  std::string_view suffix;
  StoreType type;
};

constexpr std::array kFormats{
    Format{"JKS", ".jks", StoreType::jks},
    Format{"PEM", ".pem", StoreType::pem},
    Format{"PKCS12", ".p12", StoreType::pkcs12},
    Format{"BCFKS", ".bcfks", StoreType::bcfks},
};

bool same_letters(std::string_view value, std::string_view upper) {
  return std::ranges::equal(value, upper, [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
}

}  // namespace

std::expected<StoreType, std::string> store_type_from(std::string_view value) {
  if (value.empty()) return StoreType::by_suffix;
  for (const Format& format : kFormats) {
    if (same_letters(value, format.name)) return format.type;
  }
  return std::unexpected(fmt::format("\"{}\" is not a key store type; it must be JKS, PEM or PKCS12", value));
}

std::expected<StoreType, std::string> store_type_by_suffix(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  const std::string_view suffix = dot == path.npos ? std::string_view{} : path.substr(dot);
  for (const Format& format : kFormats) {
    if (suffix == format.suffix) return format.type;
  }
  return std::unexpected(
      fmt::format("{}: its type is unknown; let its name end in .jks, .pem or .p12, or set the store's type", path));
}

}  // namespace quoll::tls
