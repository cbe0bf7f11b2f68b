#include "admin/java_text.h"

#include <cmath>
#include <fmt/format.h>

#include "auth/ip_address.h"
#include "base/utc_time.h"

namespace quoll::admin {

std::string java_double(double value) {
  const double size = std::fabs(value);
  if (size == 0 || (size >= 1e-3 && size < 1e7)) {
    std::string text = fmt::format("{}", value);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
  }
  // The shortest digits that parse back to the same value, then the exponent without plus sign or leading zeros.
  std::string text;
  for (int digits = 0; digits <= 16; ++digits) {
    text = fmt::format("{:.{}e}", value, digits);
    if (std::stod(text) == value) break;
  }
  const std::size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  return fmt::format("{}E{}", mantissa, std::stoi(text.substr(e + 1)));
}

double four_decimals(double value) {
  return std::round(value * 1e4) / 1e4;
}

std::string java_address(const env::Address& address) {
  const std::string host = auth::java_host_address(address.host);
  if (host.find(':') != std::string::npos) return fmt::format("/[{}]:{}", host, address.port);
  return fmt::format("/{}:{}", host, address.port);
}

std::string java_date(std::int64_t wall_ms) {
  const base::UtcTime at = base::utc_time(wall_ms);
  return fmt::format("{} {} {:02} {:02}:{:02}:{:02} UTC {}", at.weekday_name(), at.month_name(), at.day, at.hours,
                     at.minutes, at.seconds, at.year);
}

}  // namespace quoll::admin
