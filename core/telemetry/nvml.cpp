// SPDX-License-Identifier: Apache-2.0
#include "telemetry/nvml.hpp"

#include <dlfcn.h>

#include <array>
#include <initializer_list>

#include "telemetry/nvml_abi.hpp"

namespace lmbench::telemetry {

using nvml::Device;
using nvml::Return;

// Functions that the library does not have are null. Newer names first; the layouts of all names of
// one pointer are the same.
struct Nvml::Library {
  explicit Library(void* library) : handle(library) {
    find(init, {"nvmlInit_v2", "nvmlInit"});
    find(shutdown, {"nvmlShutdown"});
    find(driver_version, {"nvmlSystemGetDriverVersion"});
    find(cuda_version, {"nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion"});
    find(count, {"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"});
    find(by_index, {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"});
    find(uuid, {"nvmlDeviceGetUUID"});
    find(name, {"nvmlDeviceGetName"});
    find(memory_v2, {"nvmlDeviceGetMemoryInfo_v2"});
    find(memory, {"nvmlDeviceGetMemoryInfo"});
    find(processes_v2,
         {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"});
    find(processes, {"nvmlDeviceGetComputeRunningProcesses"});
    find(clock, {"nvmlDeviceGetClockInfo"});
    find(max_clock, {"nvmlDeviceGetMaxClockInfo"});
    find(application_clock, {"nvmlDeviceGetApplicationsClock"});
    find(default_application_clock, {"nvmlDeviceGetDefaultApplicationsClock"});
    find(temperature, {"nvmlDeviceGetTemperature"});
    find(power, {"nvmlDeviceGetPowerUsage"});
    find(power_limit, {"nvmlDeviceGetEnforcedPowerLimit"});
    find(default_power_limit, {"nvmlDeviceGetPowerManagementDefaultLimit"});
    find(energy, {"nvmlDeviceGetTotalEnergyConsumption"});
    find(utilisation, {"nvmlDeviceGetUtilizationRates"});
    find(reasons,
         {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
    find(persistence, {"nvmlDeviceGetPersistenceMode"});
    find(ecc, {"nvmlDeviceGetEccMode"});
    find(mig, {"nvmlDeviceGetMigMode"});
  }

  template <class Function>
  void find(Function*& function, std::initializer_list<const char*> names) const {
    for (const char* symbol : names) {
      function = reinterpret_cast<Function*>(::dlsym(handle, symbol));
      if (function != nullptr) return;
    }
  }

  void* handle;
  Return (*init)() = nullptr;
  Return (*shutdown)() = nullptr;
  Return (*driver_version)(char*, unsigned) = nullptr;
  Return (*cuda_version)(int*) = nullptr;
  Return (*count)(unsigned*) = nullptr;
  Return (*by_index)(unsigned, Device*) = nullptr;
  Return (*uuid)(Device, char*, unsigned) = nullptr;
  Return (*name)(Device, char*, unsigned) = nullptr;
  Return (*memory_v2)(Device, nvml::MemoryV2*) = nullptr;
  Return (*memory)(Device, nvml::Memory*) = nullptr;
  Return (*processes_v2)(Device, unsigned*, nvml::ProcessV2*) = nullptr;
  Return (*processes)(Device, unsigned*, nvml::ProcessV1*) = nullptr;
  Return (*clock)(Device, unsigned, unsigned*) = nullptr;
  Return (*max_clock)(Device, unsigned, unsigned*) = nullptr;
  Return (*application_clock)(Device, unsigned, unsigned*) = nullptr;
  Return (*default_application_clock)(Device, unsigned, unsigned*) = nullptr;
  Return (*temperature)(Device, unsigned, unsigned*) = nullptr;
  Return (*power)(Device, unsigned*) = nullptr;
  Return (*power_limit)(Device, unsigned*) = nullptr;
  Return (*default_power_limit)(Device, unsigned*) = nullptr;
  Return (*energy)(Device, unsigned long long*) = nullptr;
  Return (*utilisation)(Device, nvml::Utilisation*) = nullptr;
  Return (*reasons)(Device, unsigned long long*) = nullptr;
  Return (*persistence)(Device, unsigned*) = nullptr;
  Return (*ecc)(Device, unsigned*, unsigned*) = nullptr;
  Return (*mig)(Device, unsigned*, unsigned*) = nullptr;

  std::vector<Device> devices;
};

namespace {

// The one value that a call gives, if it is there and succeeds.
template <class Value>
std::optional<Value> value_of(Return (*function)(Value*)) {
  Value value{};
  if (function == nullptr || function(&value) != nvml::kSuccess) return std::nullopt;
  return value;
}

template <class Value>
std::optional<Value> value_of(Return (*function)(Device, Value*), Device device) {
  Value value{};
  if (function == nullptr || function(device, &value) != nvml::kSuccess) return std::nullopt;
  return value;
}

std::optional<unsigned> value_of(Return (*function)(Device, unsigned, unsigned*), Device device,
                                 unsigned which) {
  unsigned value = 0;
  if (function == nullptr || function(device, which, &value) != nvml::kSuccess) return std::nullopt;
  return value;
}

std::optional<unsigned> first_of(Return (*function)(Device, unsigned*, unsigned*), Device device) {
  unsigned current = 0;
  unsigned pending = 0;
  if (function == nullptr || function(device, &current, &pending) != nvml::kSuccess) {
    return std::nullopt;
  }
  return current;
}

constexpr unsigned kTextBytes = 128;  // nvml.h: 96 are enough for any

std::string text_of(Return (*function)(char*, unsigned)) {
  std::array<char, kTextBytes + 1> text{};
  if (function == nullptr || function(text.data(), kTextBytes) != nvml::kSuccess) return {};
  return text.data();
}

std::string text_of(Return (*function)(Device, char*, unsigned), Device device) {
  std::array<char, kTextBytes + 1> text{};
  if (function == nullptr || function(device, text.data(), kTextBytes) != nvml::kSuccess) return {};
  return text.data();
}

template <class Process>
std::optional<std::vector<ComputeProcess>> processes_of(Return (*function)(Device, unsigned*,
                                                                           Process*),
                                                        Device device) {
  std::vector<Process> found(64);
  auto count = static_cast<unsigned>(found.size());
  Return result = function(device, &count, found.data());
  if (result == nvml::kInsufficientSize) {
    constexpr unsigned kRoomForNewOnes = 64;
    found.resize(count + kRoomForNewOnes);
    count = static_cast<unsigned>(found.size());
    result = function(device, &count, found.data());
  }
  if (result != nvml::kSuccess) return std::nullopt;
  std::vector<ComputeProcess> processes;
  for (unsigned i = 0; i < count && i < found.size(); ++i) {
    ComputeProcess& process = processes.emplace_back();
    process.pid = found[i].pid;
    if (found[i].used_bytes != nvml::kNotAvailable) process.used_bytes = found[i].used_bytes;
  }
  return processes;
}

template <class Number>
std::optional<double> scaled(const std::optional<Number>& number, double factor) {
  return number ? std::optional(static_cast<double>(*number) * factor) : std::nullopt;
}

void add(Facts& facts, const char* name, const std::string& text) {
  if (!text.empty()) facts.emplace_back(name, text);
}

template <class Number>
void add(Facts& facts, const char* name, const std::optional<Number>& number) {
  if (number) facts.emplace_back(name, std::to_string(*number));
}

void add_switch(Facts& facts, const char* name, const std::optional<unsigned>& mode) {
  if (mode) facts.emplace_back(name, *mode != 0 ? "on" : "off");
}

}  // namespace

std::unique_ptr<Nvml> Nvml::open(const std::string& library) {
  // Never closed: a driver's library leaves threads and handlers behind.
  void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return nullptr;
  auto found = std::make_unique<Library>(handle);
  if (found->init == nullptr || found->by_index == nullptr || found->init() != nvml::kSuccess) {
    return nullptr;
  }
  const unsigned count = value_of(found->count).value_or(0);
  for (unsigned i = 0; i < count; ++i) {
    Device device = nullptr;  // and so it stays for one that is broken: it then knows nothing
    found->by_index(i, &device);
    found->devices.push_back(device);
  }
  return std::unique_ptr<Nvml>(new Nvml(std::move(found)));
}

Nvml::Nvml(std::unique_ptr<Library> library) : library_(std::move(library)) {}

Nvml::~Nvml() {
  if (library_->shutdown != nullptr) library_->shutdown();
}

std::uint32_t Nvml::device_count() const noexcept {
  return static_cast<std::uint32_t>(library_->devices.size());
}

std::string Nvml::uuid(std::uint32_t device) const {
  return text_of(library_->uuid, library_->devices[device]);
}

Facts Nvml::facts(std::uint32_t device) const {
  const Library& l = *library_;
  const Device d = l.devices[device];
  Facts facts;
  add(facts, "index", std::to_string(device));
  add(facts, "uuid", uuid(device));
  add(facts, "name", text_of(l.name, d));
  add(facts, "driver_version", text_of(l.driver_version));
  if (const auto cuda = value_of(l.cuda_version)) {
    add(facts, "cuda_driver_version",
        std::to_string(*cuda / 1000) + "." + std::to_string(*cuda % 1000 / 10));
  }
  if (const auto memory = value_of(l.memory, d)) {
    add(facts, "memory_total_bytes", std::to_string(memory->total));
  }
  // Clocks that were locked by nvidia-smi -lgc cannot be asked for; they show in the samples.
  for (const auto& [name, type] :
       {std::pair{"sm", nvml::kClockSm}, std::pair{"memory", nvml::kClockMemory}}) {
    const std::string clock = name + std::string("_clock_mhz");
    add(facts, (clock + "_max").c_str(), value_of(l.max_clock, d, type));
    add(facts, (clock + "_application").c_str(), value_of(l.application_clock, d, type));
    add(facts, (clock + "_application_default").c_str(),
        value_of(l.default_application_clock, d, type));
  }
  add(facts, "power_limit_mw", value_of(l.power_limit, d));
  add(facts, "power_limit_default_mw", value_of(l.default_power_limit, d));
  add_switch(facts, "persistence_mode", value_of(l.persistence, d));
  add_switch(facts, "ecc_mode", first_of(l.ecc, d));
  add_switch(facts, "mig_mode", first_of(l.mig, d));
  return facts;
}

std::optional<std::uint64_t> Nvml::used_bytes(std::uint32_t device) const {
  const Device d = library_->devices[device];
  if (library_->memory_v2 != nullptr) {
    nvml::MemoryV2 memory{};
    memory.version = nvml::kMemoryV2Version;
    if (library_->memory_v2(d, &memory) == nvml::kSuccess) return memory.used;
  }
  if (const auto memory = value_of(library_->memory, d)) return memory->used;
  return std::nullopt;
}

std::optional<std::vector<ComputeProcess>> Nvml::compute_processes(std::uint32_t device) const {
  const Device d = library_->devices[device];
  if (library_->processes_v2 != nullptr) return processes_of(library_->processes_v2, d);
  if (library_->processes != nullptr) return processes_of(library_->processes, d);
  return std::nullopt;
}

void Nvml::read_state(std::uint32_t device, stats::DeviceSample& sample) const {
  const Library& l = *library_;
  const Device d = l.devices[device];
  sample.sm_clock_mhz = scaled(value_of(l.clock, d, nvml::kClockSm), 1);
  sample.memory_clock_mhz = scaled(value_of(l.clock, d, nvml::kClockMemory), 1);
  sample.temperature_c = scaled(value_of(l.temperature, d, nvml::kTemperatureGpu), 1);
  sample.power_w = scaled(value_of(l.power, d), 1e-3);
  sample.energy_mj = value_of(l.energy, d);
  sample.throttle_reasons = value_of(l.reasons, d);
  if (const auto used = value_of(l.utilisation, d)) {
    sample.utilisation_percent = used->gpu;
  }
}

}  // namespace lmbench::telemetry
