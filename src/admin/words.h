// One function for each four-letter word. Its answer equals Apache's byte for byte
// (org.apache.zookeeper.server.command). FourLetterWords applies the whitelist and answers while the server is not
// serving.
#pragma once

#include <memory>
#include <string>

#include "admin/facts.h"
#include "env/network.h"
#include "server/server.h"

namespace quoll::admin {

// A word reads the server, and changes nothing.
struct Question {
  const server::Server& server;
  const Facts& facts;
  const env::Address& from;  // the connection that asked
};

std::string answer_conf(const Question& question);
std::string answer_dirs(const Question& question);
std::string answer_envi(const Question& question);
std::string answer_hash(const Question& question);
std::string answer_isro(const Question& question);
std::string answer_mntr(const Question& question);
std::string answer_ruok(const Question& question);
std::string answer_srvr(const Question& question);
std::string answer_wchs(const Question& question);

// Words that reset numbers.
std::string reset_connection_stats(server::Server& server);  // crst
std::string reset_server_stats(server::Server& server);      // srst

// Words whose answers may be long.
std::unique_ptr<server::LongAnswer> long_answer_cons(const Question& question);
std::unique_ptr<server::LongAnswer> long_answer_dump(const Question& question);
std::unique_ptr<server::LongAnswer> long_answer_stat(const Question& question);
std::unique_ptr<server::LongAnswer> long_answer_wchc(const Question& question);
std::unique_ptr<server::LongAnswer> long_answer_wchp(const Question& question);

}  // namespace quoll::admin
