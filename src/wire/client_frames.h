// The client port's frames: four bytes of length, then a record. Which struct a request decodes into is decided here by
// its opcode, and nowhere else (docs/formats/client-protocol.md).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "types/replies.h"
#include "types/requests.h"
#include "wire/jute.h"

namespace quoll::wire {

// A frame's payload as a connect request; nullopt when it is cut short.
std::optional<ConnectRequest> decode_connect(std::string_view payload);

// Why a request body can't be used.
enum class BodyError {
  unknown,    // an opcode that no client may send
  malformed,  // cut short, lengths or counts that lie
  broken,     // a null that Apache's decoder of multi falls over: answered like malformed, but it takes no zxid
};

// Decodes the body that belongs to `type`. Bytes behind it are ignored, as Apache's server does.
std::expected<RequestBody, BodyError> decode_body(OpCode type, Reader& reader);

// True for opcodes that Apache's Request.isValid lets pass; others are answered -6 and the connection is closed.
bool is_client_opcode(OpCode type);

// Appends one whole frame (length included) to `out`.
void append_connect_response(const ConnectResponse& response, std::string& out);
void append_reply(const ReplyHeader& header, const ReplyBody* body, std::string& out);
void append_event(const ReplyHeader& header, const WatcherEvent& event, std::string& out);

}  // namespace quoll::wire
