// Frames of the client port: four bytes of length, then a record. Only this file decides which struct a request's
// opcode is decoded into (docs/formats/client-protocol.md).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "types/replies.h"
#include "types/requests.h"
#include "wire/jute.h"

namespace quoll::wire {

// Decodes a frame's payload as a connect request; nullopt if it is truncated.
std::optional<ConnectRequest> decode_connect(std::string_view payload);

// Why a request body cannot be decoded.
enum class BodyError {
  unknown,    // not an opcode that clients may send
  malformed,  // truncated, or with invalid lengths or counts
  broken,     // a null at which Apache's decoder of multi fails: answered like malformed, but takes no zxid
};

// Decodes the body of a request of this opcode. Extra bytes after it are ignored, as in Apache's server.
std::expected<RequestBody, BodyError> decode_body(OpCode type, Reader& reader);

// True for opcodes that Apache's Request.isValid accepts. Others are answered with -6 and the connection is closed.
bool is_client_opcode(OpCode type);

// Appends a complete frame, including its length, to `out`.
void append_connect_response(const ConnectResponse& response, std::string& out);
void append_reply(const ReplyHeader& header, const ReplyBody* body, std::string& out);
void append_event(const ReplyHeader& header, const WatcherEvent& event, std::string& out);

}  // namespace quoll::wire
