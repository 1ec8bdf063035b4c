import EnclaveImage
import LuaHost
import SGXArchitecture

/// The images of one file of scenarios. Those found by name stay for all its tests; those a test makes go with it.
final class ImageStore {
  private let options: RunOptions
  private let find: (String) -> ImageSource?
  private var images: HandleTable<ImageBox>
  /// By the name they were asked for.
  private var named: [(name: String, handle: Handle)] = []
  private var ofTest: [Handle] = []

  init(options: RunOptions, type: HandleType, find: @escaping (String) -> ImageSource?) {
    self.options = options
    self.find = find
    images = HandleTable(type: type)
  }

  var type: HandleType { images.type }

  /// Forgets what the test before made.
  func beginTest() {
    for handle in ofTest { images.remove(handle) }
    ofTest = []
  }

  /// The image of a name: one that the run was given, else one beside the script.
  func image(named name: String) throws(BindingError) -> (handle: Handle, box: ImageBox, isNew: Bool) {
    if let known = named.first(where: { $0.name == name }), let box = images[known.handle] { return (known.handle, box, false) }
    guard ImageSource.isName(name) else {
      throw BindingError(
        "sgx.image: a name is made of a to z, 0 to 9, '_', '.' and '-', and does not begin with '.' or '-', got \"\(name)\"")
    }
    guard let source = options.images[name] ?? find(name) else {
      throw BindingError("sgx.image: there is no image '\(name)': name its file with --image \(name)=PATH, or put it beside the script")
    }
    let read: ReadImage
    do throws(ImageSource.Problem) { read = try source.read(limit: options.imageSizeMax) } catch {
      throw BindingError("sgx.image: \(escapeForDisplay(Array(error.text.utf8)))")
    }
    let box = ImageBox(read)
    let handle = images.insert(box)
    named.append((name, handle))
    return (handle, box, true)
  }

  /// Takes in an image that a script made.
  ///
  /// - Parameter isOfTest: it goes with the test that runs.
  func insert(_ image: ReadImage, isOfTest: Bool) -> Handle {
    let handle = images.insert(ImageBox(image))
    if isOfTest { ofTest.append(handle) }
    return handle
  }

  func image(_ call: borrowing Call, _ position: Int = 1) throws(BindingError) -> ImageBox {
    guard let box = images[try call.handle(position, type)] else { throw BindingError("this image belongs to a test that has ended") }
    return box
  }
}

/// An image behind a handle.
final class ImageBox {
  let read: ReadImage
  var image: EnclaveImage { read.image }
  private(set) lazy var mrenclave = read.image.plan.mrenclave()
  private(set) lazy var digest = read.digest

  init(_ read: ReadImage) { self.read = read }
}
