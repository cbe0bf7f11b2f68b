// Calls with the completion tokens of Boost.Asio: what follows runs on the executor of the program's own.
//
//   quoll::zk::Result<quoll::zk::NodeData> got = co_await quoll::zk::async(client.get("/a"),
//   boost::asio::use_awaitable);
//
// The executor's context must outlive the client, whose thread passes the results on.
//
// The only header here that needs Boost (1.75 or later).
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "quoll/async.h"

namespace quoll::zk {

// Makes the call. The handler gets a Result<T>, on its associated executor, which is kept busy until then.
template <typename T, typename Token>
auto async(Call<T> call, Token&& token) {
  return boost::asio::async_initiate<Token, void(Result<T>)>(
      [](auto handler, Call<T> made) {
        auto work = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
        std::move(made).then([handler = std::move(handler), work = std::move(work)](Result<T> result) mutable {
          const auto executor = work.get_executor();
          boost::asio::post(executor, [handler = std::move(handler), result = std::move(result),
                                       work = std::move(work)]() mutable { handler(std::move(result)); });
        });
      },
      token, std::move(call));
}

}  // namespace quoll::zk
