// SPDX-License-Identifier: Apache-2.0
#include "process/run_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <unistd.h>

#include <cstdio>
#include <set>
#include <utility>

#include "error.hpp"

namespace lmbench::process {
namespace {

constexpr std::size_t kLastWordsBytes = 4096;

spdlog::level::level_enum level_of(Severity severity) {
  switch (severity) {
    case Severity::debug:
      return spdlog::level::debug;
    case Severity::info:
      return spdlog::level::info;
    case Severity::warning:
      return spdlog::level::warn;
    case Severity::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

struct RunLog::Sinks {
  std::optional<spdlog::logger> file;
  std::set<std::string> shown;
  std::string unfinished;  // a line of a worker's output that has not ended yet
  std::string last_words;

  void remember(std::string_view text) {
    last_words += text;
    if (last_words.size() > kLastWordsBytes) {
      last_words.erase(0, last_words.size() - kLastWordsBytes);
    }
  }
};

RunLog::RunLog(const std::optional<std::filesystem::path>& file)
    : sinks_(std::make_unique<Sinks>()) {
  if (!file) return;
  try {
    sinks_->file.emplace("lmbench",
                         std::make_shared<spdlog::sinks::basic_file_sink_st>(file->string()));
  } catch (const spdlog::spdlog_ex& e) {
    throw Error("cannot write '" + file->string() + "': " + e.what());
  }
  sinks_->file->set_error_handler([name = file->string(),
                                   is_told = false](const std::string&) mutable {
    if (!std::exchange(is_told, true)) {
      std::fprintf(stderr, "lmbench: warning: cannot write '%s', which lacks lines from now on\n",
                   name.c_str());
    }
  });
  sinks_->file->set_level(spdlog::level::debug);
  sinks_->file->flush_on(spdlog::level::info);
  sinks_->file->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
}

RunLog::~RunLog() {
  if (!sinks_->unfinished.empty()) write_output("\n");
}

void RunLog::write(Severity severity, const std::string& text) {
  if (sinks_->file) sinks_->file->log(level_of(severity), text);
  if (severity < Severity::warning || !sinks_->shown.insert(text).second) return;
  // A progress line may stand where this begins.
  const char* clear_line = ::isatty(STDERR_FILENO) != 0 ? "\r\x1b[K" : "";
  std::fprintf(stderr, "%slmbench: %s: %s\n", clear_line,
               severity == Severity::error ? "error" : "warning", text.c_str());
}

void RunLog::write_engine(Severity severity, const std::string& text) {
  sinks_->remember(text + "\n");
  write(severity, "engine: " + text);
}

void RunLog::write_output(std::string_view text) {
  sinks_->remember(text);
  if (!sinks_->file) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    return;
  }
  std::string& line = sinks_->unfinished;
  for (const char c : text) {
    if (c != '\n') {
      line += c;
      continue;
    }
    sinks_->file->log(spdlog::level::info, "worker: " + line);
    line.clear();
  }
}

const std::string& RunLog::last_words() const noexcept { return sinks_->last_words; }

void RunLog::forget_last_words() { sinks_->last_words.clear(); }

}  // namespace lmbench::process
