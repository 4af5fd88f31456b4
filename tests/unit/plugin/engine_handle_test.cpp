// SPDX-License-Identifier: Apache-2.0
#include "plugin/engine_handle.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <lmbench/ext/model.hpp>

#include "error.hpp"
#include "plugin/host.hpp"

using namespace lmbench;
using lmbench::plugin::create_engine;
using lmbench::plugin::ErrorSpace;

namespace {

int live_engines = 0;

class CountedEngine final : public IGenerationEngine, private IModel {
 public:
  CountedEngine() { ++live_engines; }
  Code load(ConfigView, IEventSink*, ErrorText*) noexcept override { return Code::ok; }
  Code submit(const Request*, std::uint32_t, std::uint32_t*, ErrorText*) noexcept override {
    return Code::unsupported;
  }
  void cancel(std::uint64_t) noexcept override {}
  Code reset(ErrorText*) noexcept override { return Code::ok; }
  void stats(IMetricSink*) noexcept override {}
  void* extension(StrView id) noexcept override {
    if (std::string(id.data, id.size) == "lmbench.model/1") return static_cast<IModel*>(this);
    return nullptr;
  }
  void destroy() noexcept override {
    --live_engines;
    delete this;
  }
 private:
  Code info(ModelInfo* info, ErrorText*) noexcept override {
    info->vocabulary = 17;
    return Code::ok;
  }
  Code preview(ConfigView, ModelInfo*, ErrorText*) noexcept override { return Code::unsupported; }
};

PluginDescriptor descriptor_with(IGenerationEngine* (*create)(IHost*, ErrorText*) noexcept) {
  PluginDescriptor descriptor{};
  descriptor.engine_name = "counted";
  descriptor.create = create;
  return descriptor;
}

std::string refusal_of(IGenerationEngine* (*create)(IHost*, ErrorText*) noexcept) {
  plugin::Host host({});
  try {
    create_engine(descriptor_with(create), host);
  } catch (const Error& e) {
    CHECK(e.exit_code() == ExitCode::engine_unusable);
    return e.what();
  }
  return "";
}

void write(ErrorText* error, const char* text) {
  error->size = static_cast<std::uint32_t>(std::strlen(text));
  std::memcpy(error->data, text, error->size);
}

}  // namespace

TEST_CASE("an engine lives as long as its handle and is ended by its own destroy()") {
  plugin::Host host({});
  {
    const auto engine =
        create_engine(descriptor_with([](IHost*, ErrorText*) noexcept -> IGenerationEngine* {
                        return new CountedEngine;
                      }),
                      host);
    CHECK(live_engines == 1);
    auto* model = plugin::extension_of<IModel>(*engine, "lmbench.model/1");
    REQUIRE(model != nullptr);
    ModelInfo info{};
    CHECK(model->info(&info, nullptr) == Code::ok);
    CHECK(info.vocabulary == 17);
    CHECK(plugin::extension_of<IModel>(*engine, "lmbench.model/2") == nullptr);
  }
  CHECK(live_engines == 0);
}

TEST_CASE("a plugin that makes no engine is an error with its sentence") {
  CHECK(refusal_of([](IHost*, ErrorText* error) noexcept -> IGenerationEngine* {
          write(error, "this CPU has no AVX-1024");
          return nullptr;
        }) == "plugin 'counted' could not make its engine: this CPU has no AVX-1024");
  CHECK(refusal_of([](IHost*, ErrorText*) noexcept -> IGenerationEngine* { return nullptr; }) ==
        "plugin 'counted' could not make its engine: no reason was given");
}

TEST_CASE("a text that is longer than its space, or moved elsewhere, is read from the space") {
  ErrorSpace space;
  CHECK(space.text() == "no reason was given");
  ErrorText* text = space.out();
  std::memset(text->data, 'x', text->capacity);
  text->size = text->capacity + 1;
  const std::uint32_t capacity = text->capacity;
  text->data = nullptr;
  CHECK(space.text() == std::string(capacity, 'x'));
  space.out();
  CHECK(space.text() == "no reason was given");
}

TEST_CASE("codes have names, and a number that is none keeps it") {
  CHECK(plugin::name_of(Code::ok) == "ok");
  CHECK(plugin::name_of(Code::invalid_argument) == "invalid_argument");
  CHECK(plugin::name_of(Code::out_of_memory) == "out_of_memory");
  CHECK(plugin::name_of(Code::internal) == "internal");
  CHECK(plugin::name_of(static_cast<Code>(77)) == "code 77");
  CHECK(plugin::name_of(static_cast<Code>(-1)) == "code -1");
}
