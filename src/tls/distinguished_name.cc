#include "tls/distinguished_name.h"

#include <array>
#include <memory>
#include <string_view>

#include "tls/openssl.h"

namespace quoll::tls {
namespace {

std::string attribute_type(const ASN1_OBJECT* object) {
  struct Keyword {
    int nid;
    std::string_view name;
  };
  constexpr std::array kKeywords{
      Keyword{NID_commonName, "CN"},        Keyword{NID_countryName, "C"},
      Keyword{NID_localityName, "L"},       Keyword{NID_stateOrProvinceName, "ST"},
      Keyword{NID_organizationName, "O"},   Keyword{NID_organizationalUnitName, "OU"},
      Keyword{NID_streetAddress, "STREET"}, Keyword{NID_domainComponent, "DC"},
      Keyword{NID_userId, "UID"},
  };
  const int nid = OBJ_obj2nid(object);
  for (const Keyword& keyword : kKeywords) {
    if (keyword.nid == nid) return std::string(keyword.name);
  }
  char oid[128] = {};
  OBJ_obj2txt(oid, sizeof oid, object, 1);
  return oid;
}

// The string types that Java prints as text. Other values are printed as the hex of their DER.
bool is_text(int tag) {
  return tag == V_ASN1_PRINTABLESTRING || tag == V_ASN1_T61STRING || tag == V_ASN1_IA5STRING ||
         tag == V_ASN1_GENERALSTRING || tag == V_ASN1_BMPSTRING || tag == V_ASN1_UTF8STRING;
}

void append_utf8(std::string& out, char32_t point) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xc0 | point >> 6));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | point >> 12));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | point >> 18));
    out.push_back(static_cast<char>(0x80 | (point >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  }
}

std::string utf16_to_utf8(std::string_view bytes) {
  const auto unit = [&](std::size_t at) {
    return static_cast<char32_t>(static_cast<unsigned char>(bytes[at]) << 8 |
                                 static_cast<unsigned char>(bytes[at + 1]));
  };
  std::string out;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    char32_t point = unit(at);
    if (point >= 0xd800 && point < 0xdc00 && at + 3 < bytes.size() && unit(at + 2) >= 0xdc00 && unit(at + 2) < 0xe000) {
      point = 0x10000 + ((point - 0xd800) << 10) + (unit(at + 2) - 0xdc00);
      at += 2;
    }
    append_utf8(out, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
  }
  return out;
}

std::string text_of(const ASN1_STRING* value) {
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                               static_cast<std::size_t>(ASN1_STRING_length(value)));
  switch (ASN1_STRING_type(value)) {
    case V_ASN1_UTF8STRING:
      return std::string(bytes);
    case V_ASN1_BMPSTRING:
      return utf16_to_utf8(bytes);
    default: {  // Java decodes all other types as Latin-1
      std::string out;
      for (const char byte : bytes) append_utf8(out, static_cast<unsigned char>(byte));
      return out;
    }
  }
}

std::string escaped(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\r'; };
  std::size_t lead = 0;
  while (lead < text.size() && is_space(text[lead])) ++lead;
  std::size_t trail = text.size();
  while (trail > lead && is_space(text[trail - 1])) --trail;
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\0') {
      out += "\\00";
      continue;
    }
    if (at < lead || at >= trail || std::string_view(",=+<>#;\"\\").contains(c)) out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string hex_of_der(const ASN1_STRING* value) {
  // Wraps the value in an ASN1_TYPE so that it is encoded with its own tag.
  ASN1_TYPE any{};
  any.type = ASN1_STRING_type(value);
  any.value.asn1_string = const_cast<ASN1_STRING*>(value);
  unsigned char* der = nullptr;
  const int bytes = i2d_ASN1_TYPE(&any, &der);
  std::string out = "#";
  for (int i = 0; i < bytes; ++i) out += fmt::format("{:02x}", der[i]);
  OPENSSL_free(der);
  return out;
}

}  // namespace

std::string rfc2253(const X509_NAME* name) {
  std::string out;
  // Attribute sets are printed in reverse order, the attributes within one set in their own order.
  for (int i = X509_NAME_entry_count(name); i > 0;) {
    const int set = X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i - 1));
    int first = i - 1;
    while (first > 0 && X509_NAME_ENTRY_set(X509_NAME_get_entry(name, first - 1)) == set) --first;
    for (int at = first; at < i; ++at) {
      const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, at);
      const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
      const std::string type = attribute_type(X509_NAME_ENTRY_get_object(entry));
      const bool by_number = type.front() >= '0' && type.front() <= '9';
      if (!out.empty()) out.push_back(at == first ? ',' : '+');
      out += type;
      out.push_back('=');
      out += by_number || !is_text(ASN1_STRING_type(value)) ? hex_of_der(value) : escaped(text_of(value));
    }
    i = first;
  }
  return out;
}

}  // namespace quoll::tls
