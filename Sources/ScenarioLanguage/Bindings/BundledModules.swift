import LuaHost

/// The parts of the language that are read when a script first needs them, with the bindings that only they use. All of them together
/// would make the start of a small script a third longer.
enum BundledModules {
  static func promise(on lua: Interpreter, _ context: ScenarioContext, findImage: @escaping (String) -> ImageSource?) {
    lua.promiseModule(name: "sgx") { [unowned lua] (_) throws(BindingError) in
      context.linkMembers(on: lua, sgx: lua.defineHandleType("sgx"), optionReaders: lua.defineHandleType(""))
      ValueBindings.register(on: lua, context)
      ImageBindings.register(on: lua, context, module: { PackageResources.imagesModule }, find: findImage)
      TaskBindings.register(on: lua, context)
      do throws(LuaFailure) { try lua.addModule(name: "sgx", source: PackageResources.sgxModule) } catch {
        throw BindingError(bytes: error.message)
      }
      return .done
    }
    // The words that are not in prelude.lua.
    lua.register("read_words") { [unowned lua] (_) throws(BindingError) in
      CheckBindings.registerWords(on: lua, context)
      do throws(LuaFailure) { try lua.loadPrelude(name: "words.lua", source: PackageResources.wordsChunk) } catch {
        throw BindingError(bytes: error.message)
      }
      return .done
    }
    lua.register("read_show") { [unowned lua] (_) throws(BindingError) in
      do throws(LuaFailure) { try lua.loadPrelude(name: "show.lua", source: PackageResources.show_lua) } catch {
        throw BindingError(bytes: error.message)
      }
      return .done
    }
  }
}
