#include "tree/node.h"

#include <cstring>
#include <utility>

#include "base/narrow.h"

namespace quoll::tree {

void Node::assign(std::string_view name, base::NullableView data) {
  auto bytes = std::make_unique_for_overwrite<char[]>(name.size() + data.size());
  if (!name.empty()) std::memcpy(bytes.get(), name.data(), name.size());
  if (data.size() > 0) std::memcpy(bytes.get() + name.size(), data.view().data(), data.size());
  bytes_ = std::move(bytes);
  name_bytes_ = base::narrow<std::uint32_t>(name.size());
  // Clients get the length as an int32.
  data_bytes_ = data.is_null() ? kNullData : static_cast<std::uint32_t>(base::narrow32(data.size()));
}

void Node::set_data(base::NullableView data) {
  // Data is often replaced by data of the same size (heartbeats, offsets). Then no allocation is needed.
  if (!data.is_null() && data.size() == data_bytes_) {
    if (data.size() > 0) std::memcpy(bytes_.get() + name_bytes_, data.view().data(), data.size());
    return;
  }
  const auto old = std::move(bytes_);
  assign({old.get(), name_bytes_}, data);
}

void Node::clear() {
  *this = Node();
}

}  // namespace quoll::tree
