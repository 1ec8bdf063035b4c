import SGXDriver
import Testing

@testable import Testbench

/// Each behaviour can be seen: switched, it changes what the shortest story about it ends with. A behaviour without a story fails, so that
/// none stands in the table that nothing asks for.
@Suite("Behaviours of driver versions") struct BehaviourTests {
  @Test(arguments: DriverBehaviour.all.map(\.name)) func switchedItIsSeen(_ name: String) throws {
    let behaviour = try #require(DriverBehaviour.named(name))
    let story = try #require(BehaviourStory.all[name], "\(name) has no story")
    var (off, on) = (DriverVersion.v6_1_192, DriverVersion.v6_1_192)
    off[keyPath: behaviour.path] = false
    on[keyPath: behaviour.path] = true
    #expect(story.without == story.tell(off), "\(name), off")
    #expect(story.with == story.tell(on), "\(name), on")
    #expect(story.without != story.with)
  }

  @Test func everyStoryIsOfABehaviour() {
    #expect(Set(BehaviourStory.all.keys) == Set(DriverBehaviour.all.map(\.name)))
  }
}
