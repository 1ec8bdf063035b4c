-- expect: unknown name 'package'
package.path = '/?'
