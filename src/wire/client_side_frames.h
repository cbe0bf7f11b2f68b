// Frames of the client port as a client writes and reads them; client_frames.h has the server's side. Only this file
// decides which struct a reply to an opcode is decoded into (docs/formats/client-protocol.md).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "types/replies.h"
#include "types/requests.h"
#include "wire/jute.h"

namespace quoll::wire {

// Appends a complete frame, including its length, to `out`.
void append_connect_request(const ConnectRequest& request, std::string& out);
void append_request(const RequestHeader& header, const RequestBody& body, std::string& out);

// Decodes the answer to a connect request; nullopt if it is truncated.
std::optional<ConnectResponse> decode_connect_response(std::string_view payload);

// Decodes the body of a successful reply to a request of this opcode. nullopt: it is truncated, has invalid lengths or
// counts, or no server answers this opcode. Its views point into the payload that `reader` reads.
std::optional<ReplyBody> decode_reply_body(OpCode type, Reader& reader);

}  // namespace quoll::wire
