// The four-letter words, a function each: what it says of a serving server, in Apache's format to the byte
// (org.apache.zookeeper.server.command). Who may ask, and what a server that does not serve says, is FourLetterWords'
// business.
#pragma once

#include <memory>
#include <string>

#include "admin/facts.h"
#include "env/network.h"
#include "server/server.h"

namespace quoll::admin {

struct Question {
  server::Server& server;
  const Facts& facts;
  const env::Address& from;  // whose connection asks
};

std::string say_conf(const Question& question);
std::string say_crst(const Question& question);
std::string say_dirs(const Question& question);
std::string say_envi(const Question& question);
std::string say_hash(const Question& question);
std::string say_isro(const Question& question);
std::string say_mntr(const Question& question);
std::string say_ruok(const Question& question);
std::string say_srst(const Question& question);
std::string say_srvr(const Question& question);
std::string say_wchs(const Question& question);

// Those whose answers may be long.
std::unique_ptr<server::LongAnswer> tell_cons(const Question& question);
std::unique_ptr<server::LongAnswer> tell_dump(const Question& question);
std::unique_ptr<server::LongAnswer> tell_stat(const Question& question);
std::unique_ptr<server::LongAnswer> tell_wchc(const Question& question);
std::unique_ptr<server::LongAnswer> tell_wchp(const Question& question);

}  // namespace quoll::admin
