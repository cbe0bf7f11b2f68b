// Standard headers that almost every file needs, precompiled once.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <expected>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>
