// Generates and changes encoded records by their lists of fields, because libFuzzer alone would rarely find valid ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/prng.h"
#include "types/opcode.h"
#include "wire/jute.h"

namespace quoll::fuzz {

using base::Prng;

std::int64_t any_number(Prng& chance);
// A path, valid or invalid.
std::string any_path(Prng& chance);
// A path or another text for strings and buffers: schemes, ids, quotas, passwords, unusual UTF-8, long texts.
std::string any_text(Prng& chance);
// Almost always `count`, sometimes a wrong count.
std::int32_t any_count(Prng& chance, std::int32_t count);
void put_any_text(Prng& chance, std::string& out);

template <typename T>
struct ItemOf;
template <typename T>
struct ItemOf<std::vector<T>> {
  using Type = T;
};
template <typename T>
struct ItemOf<std::optional<std::vector<T>>> {
  using Type = T;
};
template <typename T>
concept Vector = requires { typename ItemOf<T>::Type; };

template <typename Class, typename Field>
Field field_type(Field Class::*);

// A complete T with random content.
template <typename T>
void put_any(Prng& chance, std::string& out) {
  wire::Writer writer(out);
  if constexpr (std::is_same_v<T, bool>) {
    out.push_back(static_cast<char>(chance.below(16) == 0 ? chance.next() : chance.below(2)));
  } else if constexpr (std::is_integral_v<T>) {
    writer.put(static_cast<T>(any_number(chance)));
  } else if constexpr (Vector<T>) {
    const auto count = static_cast<std::int32_t>(chance.below(4));
    writer.put(any_count(chance, count));
    for (std::int32_t i = 0; i < count; ++i) put_any<typename ItemOf<T>::Type>(chance, out);
  } else if constexpr (wire::Record<T>) {
    std::apply([&](auto... field) { (put_any<decltype(field_type(field))>(chance, out), ...); }, T::fields());
  } else {
    put_any_text(chance, out);
  }
}

// Copies a T from `in`, with one of `odds` fields replaced by a random value.
template <typename T>
void put_changed(wire::Reader& in, Prng& chance, std::uint64_t odds, std::string& out) {
  if constexpr (wire::Record<T>) {
    std::apply([&](auto... field) { (put_changed<decltype(field_type(field))>(in, chance, odds, out), ...); },
               T::fields());
  } else {
    const std::string_view before = in.rest();
    T value{};
    in.get(value);
    if (chance.below(odds) == 0) {
      put_any<T>(chance, out);
    } else {
      out += before.substr(0, before.size() - in.remaining());
    }
  }
}

// Whether `written` equals `came`, except for values with several encodings: a bool may be any byte other than zero, an
// empty vector may have any negative count other than -1, or also -1 where null counts as empty.
bool is_same_record(std::string_view came, std::string_view written);

inline constexpr OpCode kOpCodes[] = {OpCode::create,
                                      OpCode::remove,
                                      OpCode::exists,
                                      OpCode::get_data,
                                      OpCode::set_data,
                                      OpCode::get_acl,
                                      OpCode::set_acl,
                                      OpCode::get_children,
                                      OpCode::sync,
                                      OpCode::ping,
                                      OpCode::get_children2,
                                      OpCode::check,
                                      OpCode::multi,
                                      OpCode::create2,
                                      OpCode::reconfig,
                                      OpCode::check_watches,
                                      OpCode::remove_watches,
                                      OpCode::create_container,
                                      OpCode::delete_container,
                                      OpCode::create_ttl,
                                      OpCode::multi_read,
                                      OpCode::auth,
                                      OpCode::set_watches,
                                      OpCode::sasl,
                                      OpCode::get_ephemerals,
                                      OpCode::get_all_children_number,
                                      OpCode::set_watches2,
                                      OpCode::add_watch,
                                      OpCode::who_am_i,
                                      OpCode::create_session,
                                      OpCode::close_session,
                                      OpCode::error,
                                      OpCode::notification};

OpCode any_opcode(Prng& chance);
// A random body of a request, and a copy of `body` with a few fields replaced.
void put_any_request(OpCode op, Prng& chance, std::string& out);
void put_changed_request(OpCode op, std::string_view body, Prng& chance, std::string& out);
// A random transaction for the log, and a copy with a few fields replaced.
void put_any_txn(std::int64_t zxid, Prng& chance, std::string& out);
void put_changed_txn(std::string_view txn, Prng& chance, std::string& out);

}  // namespace quoll::fuzz
