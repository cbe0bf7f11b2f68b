// A recipe that lives on the client's loop, for callers in other threads.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "sdk/blocking.h"
#include "sdk/convert.h"

namespace quoll::sdk {

template <typename Recipe>
class Hosted {
 public:
  // The recipe is made from the client, its world, and `args`.
  template <typename... Args>
  explicit Hosted(Blocking& client, Args... args) : client_(client) {
    client.with([&](client::Client& zk) {
      recipe_ = std::make_unique<Recipe>(zk, client_.runtime().world(), std::move(args)...);
    });
  }
  ~Hosted() {
    client_.runtime().run([this] { recipe_.reset(); });
  }
  Hosted(const Hosted&) = delete;
  Hosted& operator=(const Hosted&) = delete;

  // Makes a call on the loop and waits for its result: wait<void>([&](auto& recipe, auto done) { ... }).
  template <typename T, typename MakeCall>
  client::Result<T> wait(MakeCall make) {
    const auto promise = std::make_shared<std::promise<client::Result<T>>>();
    auto future = promise->get_future();
    client_.runtime().post([this, promise, &make] {
      make(*recipe_, client::Done<T>([promise](client::Result<T> got) { promise->set_value(std::move(got)); }));
    });
    return client_.runtime().await(std::move(future));
  }
  // The same for the installed interface.
  template <typename MakeCall>
  zk::Result<void> wait_void(MakeCall make) {
    auto result = wait<void>(std::move(make));
    if (!result) return std::unexpected(to_public(std::move(result.error())));
    return {};
  }
  template <typename MakeCall>
  zk::Result<std::int64_t> wait_number(MakeCall make) {
    auto result = wait<std::int64_t>(std::move(make));
    if (!result) return std::unexpected(to_public(std::move(result.error())));
    return *result;
  }
  // Looks at the recipe on the loop.
  template <typename Look>
  auto look(Look look) {
    std::optional<std::invoke_result_t<Look, Recipe&>> found;
    client_.runtime().run([&] { found.emplace(look(*recipe_)); });
    return std::move(*found);
  }
  void with(const std::function<void(Recipe&)>& call) {
    client_.runtime().run([&] { call(*recipe_); });
  }

 private:
  Blocking& client_;
  std::unique_ptr<Recipe> recipe_;  // on the loop
};

}  // namespace quoll::sdk
