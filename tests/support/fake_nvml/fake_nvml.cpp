// A libnvidia-ml.so.1 without a GPU: one device that replays what is written in the file that
// LMBENCH_FAKE_NVML names. Lines of it:
//   worker_bytes 4096    what each child process of ours that is a worker holds
//   hide_pids            a container: processes are listed under ids that are not ours
//   foreign 4711         another process computes here
//   hang                 the first look never returns
//   sample 8589934592 1980 2619 65 350000 120000 0x4
//                        used bytes without workers, SM and memory MHz, degrees, mW, mJ, reasons;
//                        each look at the reasons goes one sample on, and the last one stays
// Built twice: as a current library, and as one that lacks what older ones lack.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "telemetry/nvml_abi.hpp"

namespace nvml = lmbench::telemetry::nvml;

namespace {

struct Sample {
  unsigned long long used_bytes = 0;
  unsigned sm_mhz = 0;
  unsigned memory_mhz = 0;
  unsigned degrees = 0;
  unsigned milliwatts = 0;
  unsigned long long millijoules = 0;
  unsigned long long reasons = 0;
};

struct Script {
  unsigned long long worker_bytes = 0;
  bool hides_pids = false;
  bool hangs = false;
  std::vector<unsigned> foreign;
  std::vector<Sample> samples;
};

Script read_script() {
  Script script;
  const char* file = std::getenv("LMBENCH_FAKE_NVML");
  std::ifstream in(file != nullptr ? file : "");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "worker_bytes") words >> script.worker_bytes;
    if (word == "hide_pids") script.hides_pids = true;
    if (word == "hang") script.hangs = true;
    if (word == "foreign") words >> script.foreign.emplace_back();
    if (word == "sample") {
      Sample& s = script.samples.emplace_back();
      words >> s.used_bytes >> s.sm_mhz >> s.memory_mhz >> s.degrees >> s.milliwatts >>
          s.millijoules >> std::hex >> s.reasons;
    }
  }
  if (script.samples.empty()) script.samples.emplace_back();
  return script;
}

const Script& script() {
  static const Script kScript = read_script();
  return kScript;
}

std::mutex place_mutex;
std::size_t place = 0;

Sample now() {
  const std::lock_guard lock(place_mutex);
  return script().samples[place];
}

// Our children that were started as `lmbench worker`.
std::vector<unsigned> worker_pids() {
  std::vector<unsigned> pids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stat(entry.path() / "stat");
    std::string text;
    std::getline(stat, text);
    const std::size_t end = text.rfind(')');
    if (end == std::string::npos) continue;
    std::istringstream fields(text.substr(end + 1));
    std::string state;
    int parent = 0;
    fields >> state >> parent;
    std::ifstream command(entry.path() / "cmdline");
    std::string program;
    std::string verb;
    std::getline(command, program, '\0');
    std::getline(command, verb, '\0');
    if (parent == ::getpid() && verb == "worker") {
      pids.push_back(static_cast<unsigned>(std::stoul(name)));
    }
  }
  return pids;
}

template <class Process>
nvml::Return list_processes(unsigned* count, Process* found) {
  std::vector<Process> all;
  for (const unsigned pid : worker_pids()) {
    Process& process = all.emplace_back();
    process.pid = script().hides_pids ? 1 : pid;
    process.used_bytes = script().hides_pids ? nvml::kNotAvailable : script().worker_bytes;
  }
  for (const unsigned pid : script().foreign) {
    all.emplace_back().pid = pid;
    all.back().used_bytes = 1;
  }
  const auto wanted = static_cast<unsigned>(all.size());
  const bool has_room = wanted <= *count;
  *count = wanted;
  if (!has_room) return nvml::kInsufficientSize;
  std::copy(all.begin(), all.end(), found);
  return nvml::kSuccess;
}

nvml::Return put(unsigned* target, unsigned value) {
  *target = value;
  return nvml::kSuccess;
}

nvml::Return put(char* target, unsigned bytes, const char* text) {
  std::snprintf(target, bytes, "%s", text);
  return nvml::kSuccess;
}

}  // namespace

extern "C" {

nvml::Return nvmlInit_v2() {
  if (script().hangs) {
    for (;;) ::pause();
  }
  return nvml::kSuccess;
}
nvml::Return nvmlShutdown() { return nvml::kSuccess; }
nvml::Return nvmlDeviceGetCount_v2(unsigned* count) { return put(count, 1); }
nvml::Return nvmlDeviceGetHandleByIndex_v2(unsigned, nvml::Device* device) {
  *device = reinterpret_cast<nvml::Device>(&place);
  return nvml::kSuccess;
}
nvml::Return nvmlDeviceGetUUID(nvml::Device, char* text, unsigned bytes) {
  return put(text, bytes, "GPU-fake");
}
nvml::Return nvmlDeviceGetName(nvml::Device, char* text, unsigned bytes) {
  return put(text, bytes, "Fake H100");
}
nvml::Return nvmlSystemGetDriverVersion(char* text, unsigned bytes) {
  return put(text, bytes, "999.1");
}
nvml::Return nvmlDeviceGetMemoryInfo(nvml::Device, nvml::Memory* memory) {
  memory->total = 80ULL << 30;
  memory->used = now().used_bytes + worker_pids().size() * script().worker_bytes;
  memory->free = memory->total - memory->used;
  return nvml::kSuccess;
}
nvml::Return nvmlDeviceGetClockInfo(nvml::Device, unsigned type, unsigned* mhz) {
  return put(mhz, type == nvml::kClockSm ? now().sm_mhz : now().memory_mhz);
}
nvml::Return nvmlDeviceGetTemperature(nvml::Device, unsigned, unsigned* degrees) {
  return put(degrees, now().degrees);
}
nvml::Return nvmlDeviceGetPowerUsage(nvml::Device, unsigned* milliwatts) {
  return put(milliwatts, now().milliwatts);
}
nvml::Return nvmlDeviceGetCurrentClocksThrottleReasons(nvml::Device, unsigned long long* reasons) {
  const std::lock_guard lock(place_mutex);
  *reasons = script().samples[place].reasons;
  place = std::min(place + 1, script().samples.size() - 1);
  return nvml::kSuccess;
}
nvml::Return nvmlDeviceGetComputeRunningProcesses(nvml::Device, unsigned* count,
                                                  nvml::ProcessV1* found) {
  return list_processes(count, found);
}

#ifndef LMBENCH_FAKE_OLD_NVML
nvml::Return nvmlSystemGetCudaDriverVersion_v2(int* version) {
  *version = 13020;
  return nvml::kSuccess;
}
nvml::Return nvmlDeviceGetComputeRunningProcesses_v3(nvml::Device, unsigned* count,
                                                     nvml::ProcessV2* found) {
  return list_processes(count, found);
}
nvml::Return nvmlDeviceGetTotalEnergyConsumption(nvml::Device, unsigned long long* millijoules) {
  *millijoules = now().millijoules;
  return nvml::kSuccess;
}
nvml::Return nvmlDeviceGetEccMode(nvml::Device, unsigned* current, unsigned* pending) {
  *pending = 0;
  return put(current, 1);
}
#endif

}  // extern "C"
