#include "config/markdown.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace quoll::config {
namespace {

constexpr const char* kPage = QUOLL_SOURCE_DIR "/docs/configuration.md";

TEST(Markdown, the_page_in_docs_matches_the_table) {
  std::ifstream file(kPage);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == render_markdown())
      << kPage << " is old; run config_test --gtest_also_run_disabled_tests --gtest_filter='*regenerate*'";
}

// Not a test: regenerates the page when run by name.
TEST(Markdown, DISABLED_regenerate) {
  std::ofstream(kPage) << render_markdown();
}

TEST(Markdown, every_row_has_its_five_cells) {
  std::istringstream page(render_markdown());
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    int bars = 0;
    for (std::size_t at = 0; at < line.size(); ++at) bars += line[at] == '|' && (at == 0 || line[at - 1] != '\\');
    EXPECT_EQ(bars, 6) << line;
    EXPECT_EQ(line.find("|  |"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace quoll::config
