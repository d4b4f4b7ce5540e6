
import { createBrowserRouter, Link, Navigate, Outlet } from 'react-router';

import { AdministrationPage } from '../features/administration/AdministrationPage';
import { ProjectsPanel } from '../features/administration/ProjectsPanel';
import { ReleasesPanel } from '../features/administration/ReleasesPanel';
import { UsersPanel } from '../features/administration/UsersPanel';
import { NewReaderStudyPage } from '../features/readerStudies/NewReaderStudyPage';
import { ReaderStudiesPage } from '../features/readerStudies/ReaderStudiesPage';
import { FirstTab, ReaderStudyPage } from '../features/readerStudies/ReaderStudyPage';
import { RoutineReviewPage } from '../features/readerStudies/RoutineReviewPage';
import { ReadPage } from '../features/readerStudies/run/ReadPage';
import { AnalysisPage, AuditPage, DesignPage, ExportsPage, ProgressPage, ResultsPage } from '../features/readerStudies/tabs';
import { SignInPage } from '../features/signIn/SignInPage';
import { StudiesPage } from '../features/studies/StudiesPage';
import { StudyPage } from '../features/studies/StudyPage';
import { UploadPage } from '../features/upload/UploadPage';
import { WorklistPage } from '../features/worklist/WorklistPage';
import { EmptyState } from '../ui/EmptyState';
import { ErrorBoundary } from './ErrorBoundary';
import { Home, RequireRole, RequireUser } from './guards';
import { rolesOf } from './pages';
import { ReadingRoute } from './ReadingRoute';
import { Shell } from './Shell';
import { text } from './text';

function NotFound() {
  return (
    <EmptyState title={text.notFoundTitle} action={<Link to="/">{text.home}</Link>}>
      {text.notFound}
    </EmptyState>
  );
}

const page = (path: string) => ({ path, element: <RequireRole roles={rolesOf(path)} /> });

export const router = createBrowserRouter([
  {
    element: (
      <ErrorBoundary>
        <Outlet />
      </ErrorBoundary>
    ),
    children: [
      { path: '/sign-in', element: <SignInPage /> },
      {
        element: <RequireUser />,
        children: [
          { index: true, element: <Home /> },
          {
            element: <RequireRole roles={['reader']} />,
            children: [{ path: '/reads/:id', element: <ReadingRoute /> }],
          },
          {
            element: <Shell />,
            children: [
              { ...page('/worklist'), children: [{ index: true, element: <WorklistPage /> }] },
              {
                ...page('/studies'),
                children: [
                  { index: true, element: <StudiesPage /> },
                  { path: ':id', element: <StudyPage /> },
                ],
              },
              { ...page('/import'), children: [{ index: true, element: <UploadPage /> }] },
              {
                ...page('/reader-studies'),
                children: [
                  { index: true, element: <ReaderStudiesPage /> },
                  { path: 'new', element: <NewReaderStudyPage /> },
                  { path: 'routine', element: <RoutineReviewPage /> },
                  { path: ':id/reads/:readId', element: <ReadPage /> },
                  {
                    path: ':id',
                    element: <ReaderStudyPage />,
                    children: [
                      { index: true, element: <FirstTab /> },
                      { path: 'design', element: <DesignPage /> },
                      { path: 'progress', element: <ProgressPage /> },
                      { path: 'results', element: <ResultsPage /> },
                      { path: 'analysis', element: <AnalysisPage /> },
                      { path: 'exports', element: <ExportsPage /> },
                      { path: 'audit', element: <AuditPage /> },
                    ],
                  },
                ],
              },
              {
                ...page('/administration'),
                children: [
                  {
                    element: <AdministrationPage />,
                    children: [
                      { index: true, element: <Navigate to="/administration/users" replace /> },
                      { path: 'users', element: <UsersPanel /> },
                      { path: 'projects', element: <ProjectsPanel /> },
                      { path: 'releases', element: <ReleasesPanel /> },
                    ],
                  },
                ],
              },
              { path: '/no-role', element: <EmptyState title={text.noRoleTitle}>{text.noRole}</EmptyState> },
              { path: '*', element: <NotFound /> },
            ],
          },
        ],
      },
    ],
  },
]);
