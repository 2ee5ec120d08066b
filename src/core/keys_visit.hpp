// The eleven kinds of values of Keys as one overload set, so that each way of visiting says once
// what it does with a value.
#pragma once

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// Sends every value(…) to visitor.visit_value(name, v, help, rules).
template <class Visitor>
class KeysVisit : public Keys {
 public:
  void value(const char* name, bool& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, int64_t& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, double& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, std::string& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, std::vector<int64_t>& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, std::vector<double>& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, std::vector<std::string>& v, const char* help,
             KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, Optional<int64_t>& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, Optional<double>& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, Optional<std::string>& v, const char* help, KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }
  void value(const char* name, OrderedMap<std::vector<std::string>>& v, const char* help,
             KeyRules rules) final {
    self().visit_value(name, v, help, rules);
  }

 private:
  Visitor& self() { return static_cast<Visitor&>(*this); }
};

}  // namespace trunkline
