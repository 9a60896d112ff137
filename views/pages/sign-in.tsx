import { Button } from '../components/button.tsx'
import { FormProblems, TextField } from '../components/field.tsx'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

export interface SignInProps {
  readonly frame: Frame
  /** Where to go afterwards: a path of this server, checked by the route. */
  readonly next: string
  readonly username?: string
  /** "The user name or the password is wrong." */
  readonly problem?: string | null
  /** Who to ask for an account. */
  readonly contact?: string | null
}

/** `/sign-in` */
export const SignInPage = ({ frame, next, username, problem, contact }: SignInProps) => (
  <Layout frame={frame} title="Sign in">
    <h1>Sign in</h1>
    <FormProblems problems={problem ? [{ text: problem }] : []} />
    <form class="form narrow" method="post" action="/sign-in">
      <input type="hidden" name="next" value={next} />
      <TextField
        name="username"
        label="User name"
        value={username ?? ''}
        autocomplete="username"
        required
        autofocus={!problem}
      />
      <TextField name="password" label="Password" type="password" autocomplete="current-password" required />
      <p class="actions">
        <Button kind="main">Sign in</Button>
      </p>
    </form>
    {contact ? <p class="muted">No account? Ask {contact}.</p> : null}
  </Layout>
)
