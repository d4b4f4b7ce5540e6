import { NavLink, Outlet } from 'react-router';

import { PageFrame } from '../../ui/PageFrame';
import { text } from './text';

export function AdministrationPage() {
  return (
    <PageFrame
      title={text.title}
      tabs={
        <>
          <NavLink to="/administration/users">{text.users}</NavLink>
          <NavLink to="/administration/projects">{text.projects}</NavLink>
          <NavLink to="/administration/releases">{text.releases}</NavLink>
        </>
      }
    >
      <Outlet />
    </PageFrame>
  );
}
